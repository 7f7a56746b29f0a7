"""jupyter_kernel_test, the judge from outside, with a sample for every test that it has."""

import jupyter_kernel_test
from jupyter_client.manager import start_new_kernel
from session import TIMEOUT

# Its own limit of 15 s is short for a machine that trains on every core at the same time.
jupyter_kernel_test.TIMEOUT = TIMEOUT


class MailLabKernelTests(jupyter_kernel_test.KernelTests):
    kernel_name = "mail-lab"

    @classmethod
    def setUpClass(cls):
        cls.km, cls.kc = start_new_kernel(kernel_name=cls.kernel_name, startup_timeout=TIMEOUT)

    def execute_helper(self, code, timeout=TIMEOUT, **options):
        return super().execute_helper(code, timeout, **options)

    def history_helper(self, execute_first, timeout=TIMEOUT, **options):
        return super().history_helper(execute_first, timeout, **options)

    language_name = "typescript"
    file_extension = ".ts"

    code_hello_world = "console.log('hello, world')"
    code_stderr = "console.error('an error stream')"
    completion_samples = [
        {"text": "Math.sqr", "matches": {"sqrt", "SQRT2", "SQRT1_2"}},
        {"text": "const lab = { alpha: 1, beta: 2 }; lab.", "matches": {"alpha", "beta"}},
    ]
    complete_code_samples = [
        "const a = 1",
        "function f(x: number): number {\n  return x;\n}",
        "await (Promise.resolve(1))",
        "for await (const x of [1]) console.log(x);",
        "const f = <T>(x: T): T => x;",
    ]
    incomplete_code_samples = [
        "function f(x: number) {",
        "const a = [1,",
        "if (true) {\n  console.log(1);",
        "const text = `a template",
        "/* a comment",
        "const a =",
    ]
    invalid_code_samples = ["const = 3", "1 +* 2", "let a b"]
    code_page_something = "?Math.sqrt"
    code_generate_error = "throw new Error('as asked')"
    code_execute_result = [
        {"code": "6 * 7", "result": "42"},
        {"code": "'a' + 'b'", "result": "'ab'"},
        {"code": "[1, 2, 3].map((x) => 2 * x)", "result": "[ 2, 4, 6 ]"},
        {"code": "await Promise.resolve({ a: 1 })", "result": "{ a: 1 }"},
        {"code": "Promise.resolve(6 * 7)", "result": "42"},
        {"code": "({ [Symbol.for('Jupyter.display')]: () => ({ 'text/html': '<b>x</b>' }) })", "mime": "text/html"},
    ]
    code_display_data = [
        {
            "code": "import { display } from 'mail-lab'; display({ 'text/html': '<b>x</b>' })",
            "mime": "text/html",
        },
        {"code": "import * as tslab from 'tslab'; tslab.display.markdown('*x*')", "mime": "text/markdown"},
    ]
    code_history_pattern = "6 * ?"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "Math.sqrt"
    code_clear_output = "import { clearOutput } from 'mail-lab'; clearOutput()"


class MailLabIopubWelcomeTests(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = "mail-lab"
    support_iopub_welcome = True

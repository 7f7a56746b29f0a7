// The player's page part: a canvas with play, scrub and speed, in plain JavaScript, with nothing fetched. Free of
// Node. Until the script runs, and where it never does, the film strip is shown.
import { image, scriptJson } from './html.ts';
import type { Scene } from './scene.ts';
import { readoutOf, strokesOf } from './strokes.ts';
import { FONT, INK, WIDTH } from './style.ts';
import { escapeXml } from './svg.ts';

/** Scenes side by side, with controls and caption. `png` is the film strip, base64. */
export function playerHtml(id: string, scenes: readonly Scene[], caption: string, png: string): string {
  const font = FONT.replaceAll('"', "'");
  // Compilers may have wrapped inner functions in a call of __name.
  return `<figure id="${id}" style="margin:0;max-width:${WIDTH}px;color:var(--jp-content-font-color1,${INK});font:12px/1.4 ${font}"><div>${image(png, caption)}</div><figcaption style="margin:4px 8px 8px;display:none">${escapeXml(caption)}</figcaption></figure>
<script>{const __name=f=>f,strokesOf=${strokesOf},readoutOf=${readoutOf};(${PLAYER_SCRIPT})(document.currentScript.previousElementSibling,${scriptJson(scenes.map(sent))})}</script>`;
}

/** Arrays as base64 of their bytes, which every machine of today keeps in the same order. */
function sent(scene: Scene): Record<string, unknown> {
  const entries = Object.entries(scene).map(([key, value]) => {
    if (!ArrayBuffer.isView(value)) return [key, value];
    let bytes = '';
    for (const byte of new Uint8Array(value.buffer, value.byteOffset, value.byteLength))
      bytes += String.fromCharCode(byte);
    return [key, btoa(bytes)];
  });
  return Object.fromEntries(entries);
}

/** Browser code, kept as text: it is not part of any module. Takes the figure and the scenes as sent. */
const PLAYER_SCRIPT = `(figure,sent)=>{
const bytes=text=>Uint8Array.from(atob(text),c=>c.charCodeAt(0)).buffer;
const scenes=sent.map(s=>({...s,ends:new Int16Array(bytes(s.ends)),camera:new Float32Array(bytes(s.camera)),reward_T:new Float32Array(bytes(s.reward_T)),...(s.confidence_T===undefined?{}:{confidence_T:new Float32Array(bytes(s.confidence_T))})}));
const make=(tag,style,props)=>Object.assign(Object.assign(document.createElement(tag),props),{style});
const stage=figure.firstChild;stage.replaceChildren();figure.lastChild.style.display="block";
const solid=scenes.some(s=>s.view.distance>0);
const canvas=make("canvas","display:block;width:100%;touch-action:pan-y",{role:"img",ariaLabel:figure.lastChild.textContent,title:solid?"Drag to look from elsewhere":""});
const bar=make("div","display:flex;gap:8px;align-items:center;padding:4px 8px");
const play=make("button","width:5.5em;cursor:pointer;font:inherit",{type:"button"});
const length=Math.max(1,...scenes.map(s=>s.steps)),second=scenes[0].stepSeconds;
const scrub=make("input","flex:1;min-width:60px",{type:"range",min:0,max:length,step:1,value:0,ariaLabel:"step"});
const clock=make("span","min-width:14em;text-align:right;font-variant-numeric:tabular-nums");
const speed=make("select","font:inherit",{ariaLabel:"speed"});
for(const s of [0.1,0.25,0.5,1,2,4])speed.add(new Option(s+" x",s,s===1,s===1));
bar.append(play,scrub,clock,speed);stage.append(canvas,bar);
const columns=Math.min(scenes.length,3),rows=Math.ceil(scenes.length/columns);
const range=lists=>{let low=Infinity,high=-Infinity;for(const list of lists)for(const v of list){if(v<low)low=v;if(v>high)high=v}return low<=high?[low,high]:[0,0]};
const strips=[{name:"reward",of:s=>s.reward_T,range:range(scenes.map(s=>s.reward_T))}];
if(scenes.some(s=>s.confidence_T))strips.push({name:"confidence",of:s=>s.confidence_T,range:[0,1]});
const head=40,strip=50,gap=8,turned={azimuth:0,elevation:0};
let step=0,playing=false,before=0,cells=[];
const number=v=>Math.abs(v)>=1000?Math.round(v).toLocaleString("en-US"):v.toFixed(Math.abs(v)>=100?1:2);
const shown=v=>v===undefined?"–":number(v);
const draw=()=>{
 const width=figure.clientWidth||${WIDTH},cell=width/columns;
 const tall=Math.min(320,Math.max(...scenes.map(s=>cell*s.view.height/s.view.width)))+head+gap,all=tall+strips.length*strip+gap;
 const dense=window.devicePixelRatio||1,height=all*rows;
 if(canvas.width!==Math.round(width*dense)||canvas.height!==Math.round(height*dense)){canvas.width=Math.round(width*dense);canvas.height=Math.round(height*dense);canvas.style.height=height+"px"}
 const c=canvas.getContext("2d"),ink=getComputedStyle(figure).color,font="${FONT.replaceAll('"', "'")}";
 c.setTransform(dense,0,0,dense,0,0);c.clearRect(0,0,width,height);c.lineCap=c.lineJoin="round";
 const path=(points,close)=>{c.beginPath();for(let i=0;i<points.length;i+=2)c[i?"lineTo":"moveTo"](points[i],points[i+1]);c.stroke()};
 cells=scenes.map((s,i)=>{
  const left=(i%columns)*cell+6,top=Math.floor(i/columns)*all,wide=cell-12,said=readoutOf(s,step),over=step>0&&step>=s.steps;
  c.save();c.beginPath();c.rect(left,top,wide,tall);c.clip();
  const view=s.view.distance>0?{...s.view,azimuth:s.view.azimuth+turned.azimuth,elevation:Math.max(2,Math.min(88,s.view.elevation+turned.elevation))}:s.view;
  for(const line of strokesOf(s,Math.min(step,s.steps),{left,top:top+head,width:wide,height:tall-head-gap},{view,faded:over})){
   c.globalAlpha=line.opacity??1;c.strokeStyle=line.paint??ink;c.lineWidth=line.width;c.setLineDash(line.dashed?[3,3]:[]);path(line.points)}
  c.globalAlpha=1;c.setLineDash([]);c.fillStyle=ink;c.font="600 13px "+font;c.fillText(s.label,left+2,top+16);
  c.font="12px "+font;c.fillText(over?s.ending:"return "+number(said.total),left+2,top+33);
  c.restore();
  strips.forEach((chart,n)=>{
   const values=chart.of(s),y0=top+tall+n*strip,[low,high]=chart.range,X=k=>left+k/length*wide,Y=v=>y0+strip-5-(low<high?(v-low)/(high-low):.5)*(strip-23);
   c.fillStyle=ink;c.globalAlpha=1;c.fillText(chart.name+"  "+shown(said[chart.name]),left+2,y0+12);
   c.textAlign="right";c.globalAlpha=.7;c.fillText(low<high?number(low)+" to "+number(high):"always "+number(low),left+wide-2,y0+12);c.textAlign="left";
   c.strokeStyle=ink;c.lineWidth=1;c.globalAlpha=.25;const level=n?.5:low<0&&high>0?0:low;path([left,Y(level),left+wide,Y(level)]);
   if(values){const points=[];for(let k=0;k<values.length;k++)points.push(X(k+1),Y(values[k]));
    const [r,g,b]=s.parts.find(p=>p.shade===1).rgb;c.strokeStyle="rgb("+[r,g,b]+")";c.lineWidth=1.2;
    c.globalAlpha=.35;path(points);c.globalAlpha=1;path(points.slice(0,2*said.made))}
   c.strokeStyle=ink;c.globalAlpha=.9;c.lineWidth=1;path([X(step),y0+16,X(step),y0+strip-3]);c.globalAlpha=1;
  });
  return {left,wide,top:top+tall,foot:top+all};
 });
 scrub.value=Math.floor(step);play.textContent=playing?"Pause":"Play";
 clock.textContent="step "+Math.floor(step)+"/"+length+"  "+(step*second).toFixed(1)+"/"+(length*second).toFixed(1)+" s";
 if(!playing)scrub.setAttribute("aria-valuetext",clock.textContent+"; "+scenes.map(s=>{const r=readoutOf(s,step);return s.label+": return "+number(r.total)+strips.map(({name})=>", "+name+" "+shown(r[name])).join("")}).join("; "));
};
const go=to=>{step=Math.max(0,Math.min(length,to));draw()};
const tick=now=>{if(!playing||!figure.isConnected){playing=false;draw();return}step=Math.min(length,step+(now-before)/1000*Number(speed.value)/second);before=now;if(step>=length)playing=false;draw();if(playing)requestAnimationFrame(tick)};
play.onclick=()=>{playing=!playing;if(playing){if(step>=length)step=0;before=performance.now();requestAnimationFrame(tick)}draw()};
scrub.oninput=()=>go(Number(scrub.value));
figure.dataset.lmSuppressShortcuts="true";
figure.onkeydown=event=>{
 if(event.key===" "&&event.target===scrub){event.preventDefault();play.click()}
 event.stopPropagation()};
let held;
const drag=event=>{
 if(held.cell)go((event.offsetX-held.cell.left)/held.cell.wide*length);
 else if(solid){turned.azimuth-=(event.offsetX-held.x)/2;turned.elevation+=(event.offsetY-held.y)/3;held.x=event.offsetX;held.y=event.offsetY;draw()}};
canvas.onpointerdown=event=>{const {offsetX:x,offsetY:y}=event;held={x,y,cell:cells.find(c=>x>=c.left&&x<=c.left+c.wide&&y>=c.top&&y<=c.foot)};canvas.setPointerCapture(event.pointerId);drag(event)};
canvas.onpointermove=event=>{if(held)drag(event)};
canvas.onpointerup=canvas.onpointercancel=()=>{held=undefined};
new ResizeObserver(draw).observe(figure);draw();
const themes=new MutationObserver(()=>requestAnimationFrame(()=>figure.isConnected?draw():themes.disconnect()));
themes.observe(document.body,{attributes:true,attributeFilter:["class","data-jp-theme-light","data-vscode-theme-kind"]});
}`;

// The player's page part: a canvas with play, scrub and speed, in plain JavaScript, with nothing fetched. Free of
// Node. Until the script runs, and where it never does, the film strip is shown.
import { image, scriptJson } from './html.ts';
import type { Scene } from './scene.ts';
import { colour, FONT, INK, muted, WIDTH } from './style.ts';
import { escapeXml } from './svg.ts';

/** Scene data as it is sent: lengths in millimetres, x relative to the camera, all frames in one list. */
interface SentScene
  extends Pick<Scene, 'label' | 'shapes' | 'frameSeconds' | 'view' | 'ground' | 'limits' | 'ending'> {
  /** Colour of each shape; the faded ones are for a scene that is over. */
  readonly paints: readonly string[];
  readonly faded: readonly string[];
  readonly size: number;
  readonly frames: readonly number[];
  readonly camera: readonly number[];
  readonly returns: readonly number[];
}

/** Scenes side by side, with controls and caption. `png` is the film strip, base64. */
export function playerHtml(id: string, scenes: readonly Scene[], caption: string, png: string): string {
  const font = FONT.replaceAll('"', "'");
  return `<figure id="${id}" style="margin:0;max-width:${WIDTH}px;color:var(--jp-content-font-color1,${INK});font:12px/1.4 ${font}"><div>${image(png, caption)}</div><figcaption style="margin:4px 8px 8px;display:none">${escapeXml(caption)}</figcaption></figure>
<script>(${PLAYER_SCRIPT})(document.currentScript.previousElementSibling,${scriptJson(scenes.map(sent))})</script>`;
}

function sent(scene: Scene, i: number): SentScene {
  const { label, shapes, frameSeconds, view, ground, limits, ending } = scene;
  const isX = shapes.flatMap(({ kind }) => (kind === 'segment' ? [true, false, true, false] : [true, false]));
  return {
    label,
    shapes,
    frameSeconds: Number(frameSeconds.toFixed(6)),
    view,
    ground,
    ...(limits === undefined ? {} : { limits }),
    ending,
    paints: shapes.map(({ shade }) => muted(colour(i), shade)),
    faded: shapes.map(({ shade }) => muted(colour(i), 0.45 * shade)),
    size: isX.length,
    frames: scene.frames.flatMap((frame, f) =>
      frame.map((value, k) => Math.round(1000 * (isX[k] ? value - scene.camera[f]! : value))),
    ),
    camera: scene.camera.map((x) => Math.round(1000 * x)),
    returns: scene.returns.map((value) => Math.round(value)),
  };
}

/** Browser code, kept as text: it is not part of any module. */
const PLAYER_SCRIPT = `(figure,scenes)=>{
const make=(tag,style,props)=>Object.assign(Object.assign(document.createElement(tag),props),{style});
const stage=figure.firstChild;stage.replaceChildren();figure.lastChild.style.display="block";
const canvas=make("canvas","display:block;width:100%",{role:"img",ariaLabel:figure.lastChild.textContent});
const bar=make("div","display:flex;gap:8px;align-items:center;padding:4px 8px");
const play=make("button","width:5.5em;cursor:pointer;font:inherit",{type:"button"});
const scrub=make("input","flex:1;min-width:60px",{type:"range",min:0,max:1000,value:0,ariaLabel:"time"});
const clock=make("span","min-width:7.5em;text-align:right;font-variant-numeric:tabular-nums");
const speed=make("select","font:inherit",{ariaLabel:"speed"});
for(const s of [0.25,0.5,1,2])speed.add(new Option(s+" x",s,s===1,s===1));
bar.append(play,scrub,clock,speed);stage.append(canvas,bar);
const length=Math.max(...scenes.map(s=>(s.camera.length-1)*s.frameSeconds))||1e-9;
const columns=Math.min(scenes.length,3),rows=Math.ceil(scenes.length/columns);
let time=0,playing=false,before=0;
const draw=()=>{
 const width=figure.clientWidth||${WIDTH},cell=width/columns,head=40,foot=8;
 const heights=scenes.map(s=>cell*(s.view.high-s.view.low)/s.view.width),tall=Math.min(320,Math.max(...heights))+head+foot;
 const dense=window.devicePixelRatio||1,height=tall*rows;
 if(canvas.width!==Math.round(width*dense)||canvas.height!==Math.round(height*dense)){canvas.width=Math.round(width*dense);canvas.height=Math.round(height*dense);canvas.style.height=height+"px"}
 const c=canvas.getContext("2d"),ink=getComputedStyle(figure).color;
 c.setTransform(dense,0,0,dense,0,0);c.clearRect(0,0,width,height);c.lineCap="round";
 scenes.forEach((s,i)=>{
  const left=(i%columns)*cell,top=Math.floor(i/columns)*tall;
  const last=s.camera.length-1,at=Math.min(time/s.frameSeconds,last),f=Math.min(Math.floor(at),Math.max(0,last-1)),part=last?at-f:0,g=Math.min(f+1,last);
  const mix=(list,a,b)=>list[a]+(list[b]-list[a])*part;
  const over=time/s.frameSeconds>=last;
  const scale=Math.min(cell/s.view.width,(tall-head-foot)/(s.view.high-s.view.low));
  const X=x=>left+cell/2+x/1000*scale,Z=z=>top+tall-foot-(z/1000-s.view.low)*scale;
  c.save();c.beginPath();c.rect(left+4,top,cell-8,tall);c.clip();
  c.fillStyle=ink;c.font="600 13px ${FONT.replaceAll('"', "'")}";c.fillText(s.label,left+8,top+16);
  c.font="12px ${FONT.replaceAll('"', "'")}";
  c.fillText(over?s.ending:"return "+Math.round(mix(s.returns,f,g)).toLocaleString("en-US"),left+8,top+33);
  const camera=mix(s.camera,f,g),ground=Z(s.ground*1000);
  c.strokeStyle=ink;c.globalAlpha=.6;c.lineWidth=1;c.beginPath();c.moveTo(left,ground);c.lineTo(left+cell,ground);c.stroke();
  const half=cell/scale*500;
  for(let m=Math.ceil((camera-half)/1000);m*1000<=camera+half;m++){const x=X(m*1000-camera);c.beginPath();c.moveTo(x,ground);c.lineTo(x,ground+(m%5?4:8));c.stroke()}
  if(s.limits)for(const m of s.limits){const x=X(m*1000-camera);c.setLineDash([3,3]);c.beginPath();c.moveTo(x,ground);c.lineTo(x,Z(s.view.high*1000));c.stroke();c.setLineDash([])}
  let k=0,k0=0;const value=()=>{const v=mix(s.frames,f*s.size+k,g*s.size+k);k++;return v};
  for(const shape of s.shapes){
   c.globalAlpha=1;c.strokeStyle=c.fillStyle=(over&&time>0?s.faded:s.paints)[k0++];
   if(shape.kind==="segment"){c.lineWidth=2*shape.radius*scale;c.beginPath();c.moveTo(X(value()),Z(value()));c.lineTo(X(value()),Z(value()));c.stroke()}
   else{const x=X(value()),z=Z(value());c.fillRect(x-shape.halfWidth*scale,z-shape.halfHeight*scale,2*shape.halfWidth*scale,2*shape.halfHeight*scale)}
  }
  c.restore();
 });
 scrub.value=Math.round(1000*time/length);clock.textContent=time.toFixed(1)+" / "+length.toFixed(1)+" s";play.textContent=playing?"Pause":"Play";
};
const tick=now=>{if(!playing||!figure.isConnected){playing=false;draw();return}time=Math.min(length,time+(now-before)/1000*Number(speed.value));before=now;if(time>=length)playing=false;draw();if(playing)requestAnimationFrame(tick)};
play.onclick=()=>{playing=!playing;if(playing){if(time>=length)time=0;before=performance.now();requestAnimationFrame(tick)}draw()};
scrub.oninput=()=>{time=Number(scrub.value)/1000*length;draw()};
new ResizeObserver(draw).observe(figure);draw();
}`;

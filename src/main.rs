use polyhead::{onnx,canonical,engine::Engine};
use std::collections::BTreeMap;
fn npy(p:&str)->Option<(Vec<usize>,Vec<f32>)>{let b=std::fs::read(p).ok()?;let n=u16::from_le_bytes([b[8],b[9]]) as usize;let h=String::from_utf8_lossy(&b[10..10+n]).to_string();
 let s=h.split("(").nth(1)?.split(")").next()?;let d=s.split(',').filter_map(|x|x.trim().parse().ok()).collect();
 Some((d,b[10+n..].chunks_exact(4).map(|c|f32::from_le_bytes([c[0],c[1],c[2],c[3]])).collect()))}
fn main(){ for p in std::env::args().skip(1){ let t=std::time::Instant::now();
 let r=(||->Result<(),Box<dyn std::error::Error>>{
 let b=std::fs::read(&p)?; let proto=onnx::decode(&p,&b)?; let g=onnx::to_graph(&p,proto.clone())?;
 let t1=t.elapsed();
 let c=canonical::canonical(g)?; let t2=t.elapsed();
 let mut m=BTreeMap::new(); for n in &c.nodes{*m.entry(n.op.clone()).or_insert(0)+=1;}
 let macs:u64=c.nodes.iter().map(|n|onnx::multiply_adds(&c,n)).sum();
 println!("{p}: {:?} macs {macs} params {} read {t1:?} canon {t2:?}",m,onnx::parameters(&c,&c.nodes));
 println!("  tail {:?}", c.nodes.iter().rev().take(4).map(|n|(n.op.clone(),c.shape(n.outputs[0]).map(|s|s.to_vec()))).collect::<Vec<_>>());
 if let (Some((d,x)),Some((_,y)))=(npy(&p.replace(".onnx",".in.npy")),npy(&p.replace(".onnx",".out.npy"))){
  let cp=onnx::to_proto(c); let t3=std::time::Instant::now(); let e=Engine::new(&p,&cp,&d)?; let t4=t3.elapsed(); let o=e.run(&x)?; let t5=t3.elapsed();
  let dmax=o[0].values.iter().zip(&y).map(|(a,b)|(a-b).abs()).fold(0f32,f32::max);
  println!("  maxdiff {dmax:.2e} prepare {t4:?} run {:?}",t5-t4);
 } Ok(()) })(); if let Err(e)=r{println!("{p}: ERR {e}");}
}}

use polyhead::fit::{fit, Material, Options};
use polyhead::label::{Activation, Head};
use polyhead::observer::{Example, Observation};
use polyhead::rule::{Name, Posterior, Rule};
use polyhead::taps::{Layout, Pool, Section};

fn lse(v: &[f64]) -> f64 {
    let m = v.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    m + v.iter().map(|x| (x - m).exp()).sum::<f64>().ln()
}
fn lsm(v: &[f64]) -> Vec<f64> {
    let l = lse(v);
    v.iter().map(|x| x - l).collect()
}
fn post(p: &Posterior, phi: &[f32], cols: &[usize]) -> Vec<f64> {
    let (d, r, c) = p.dims();
    let mut x: Vec<f64> = (0..d).map(|j| f64::from(phi[cols[j]]) - f64::from(p.mean[j])).collect();
    if p.unit {
        let n = x.iter().map(|v| v * v).sum::<f64>().sqrt();
        x.iter_mut().for_each(|v| *v /= n);
    }
    let q: Vec<f64> = (0..r).map(|k| (0..d).map(|j| f64::from(p.projection[k * d + j]) * x[j]).sum()).collect();
    lsm(&(0..c)
        .map(|i| (0..r).map(|k| f64::from(p.prototypes[i * r + k]) * q[k]).sum::<f64>() + f64::from(p.offsets[i]))
        .collect::<Vec<_>>())
}
fn split(p: &[f64], own: &[usize]) -> (Vec<f64>, Vec<f64>) {
    let g: Vec<f64> = own
        .iter()
        .map(|&h| lse(&p.iter().zip(own).filter(|(_, &o)| o == h).map(|(&p, _)| p).collect::<Vec<_>>()))
        .collect();
    let w = p.iter().zip(&g).map(|(p, g)| p - g).collect();
    (g, w)
}

#[test]
#[ignore]
fn fittry() {
    let pairs: [(&str, &str, Vec<(&str, &str)>); 5] = [
        ("easy", "lite", vec![("trash", "trash-lite0-logits-legacy"), ("clothes_b", "clothes_b-lite0-logits-legacy")]),
        (
            "hard",
            "lite",
            vec![("clothes_a", "clothes_a-lite0-logits-legacy"), ("clothes_b", "clothes_b-lite0-logits-legacy")],
        ),
        (
            "coldhot",
            "lite",
            vec![("clothes_a", "clothes_a-lite0-cold-legacy"), ("clothes_b", "clothes_b-lite0-hot-legacy")],
        ),
        ("tm", "tm", vec![("trash", "trash-tm-mobilenetv2_035"), ("clothes_b", "clothes_b-tm-mobilenetv2_035")]),
        (
            "three",
            "lite",
            vec![
                ("trash", "trash-lite0-logits-legacy"),
                ("clothes_a", "clothes_a-lite0-logits-legacy"),
                ("clothes_b", "clothes_b-lite0-logits-legacy"),
            ],
        ),
    ];
    let seeds: usize = std::env::var("SEEDS").map_or(2, |s| s.parse().unwrap());
    let ns: Vec<usize> =
        std::env::var("NS").map_or(vec![72, 10, 1], |s| s.split(',').map(|n| n.parse().unwrap()).collect());
    let only = std::env::var("ONLY").unwrap_or_default();
    let pools: Vec<Pool> = match std::env::var("POOLS").as_deref() {
        Ok("as") => vec![Pool::Average, Pool::Deviation],
        Ok("fas") => vec![Pool::Features, Pool::Average, Pool::Deviation],
        Ok("f") => vec![Pool::Features],
        _ => Pool::ALL.to_vec(),
    };
    for (pair, set, heads) in pairs.iter().filter(|p| only.is_empty() || only.contains(p.0)) {
        let meta: serde_json::Value =
            serde_json::from_slice(&std::fs::read(format!("/tmp/{set}.json")).unwrap()).unwrap();
        let raw = std::fs::read(format!("/tmp/{set}.f32")).unwrap();
        let width = meta["width"].as_u64().unwrap() as usize;
        let mut sections =
            vec![Section { value: "f".into(), pool: Pool::Features, width: meta["f"].as_u64().unwrap() as usize }];
        for (i, c) in meta["taps"].as_array().unwrap().iter().enumerate() {
            for pool in [Pool::Average, Pool::Maximum, Pool::Deviation] {
                sections.push(Section { value: format!("t{i}"), pool, width: c.as_u64().unwrap() as usize });
            }
        }
        let layout = Layout(sections);
        assert_eq!(layout.width(), width);
        let text = |s: &str| {
            std::fs::read_to_string(format!("/tmp/fx/models/{s}-lite0-logits-legacy.labels.txt"))
                .unwrap()
                .lines()
                .map(str::to_string)
                .collect::<Vec<_>>()
        };
        let hs: Vec<Head> = heads
            .iter()
            .map(|(s, _)| Head { name: s.to_string(), labels: text(s), activation: Activation::Softmax })
            .collect();
        let labels: Vec<(String, String)> =
            hs.iter().flat_map(|h| h.labels.iter().map(move |l| (h.name.clone(), l.clone()))).collect();
        let members: Vec<usize> = (0..labels.len()).collect();
        let own: Vec<usize> = hs.iter().enumerate().flat_map(|(i, h)| vec![i; h.labels.len()]).collect();
        let mut sets: std::collections::HashMap<String, Vec<Example>> = Default::default();
        for (i, file) in meta["files"].as_array().unwrap().iter().enumerate() {
            let file = file.as_str().unwrap();
            let p: Vec<&str> = file.split('/').collect();
            let Some(label) = labels.iter().position(|(s, l)| s == p[0] && l == p[2]) else { continue };
            let features =
                (0..width).map(|j| f32::from_le_bytes(raw[(i * width + j) * 4..][..4].try_into().unwrap())).collect();
            let logits = heads
                .iter()
                .flat_map(|(_, n)| meta["logits"][n][i].as_array().unwrap().iter().map(|v| v.as_f64().unwrap() as f32))
                .collect();
            let sha = format!("{:08x}", (i as u32).wrapping_mul(2654435761));
            sets.entry(p[1].into()).or_default().push(Example {
                name: file.into(),
                sha256: sha,
                label,
                head: None,
                observation: Observation { features, logits },
            });
        }
        for &n in &ns {
            for rule in [Some(Name::Concat), Some(Name::Scaled), Some(Name::Retrained), Some(Name::Gated), None]
                .into_iter()
                .skip(if std::env::var("ALLR").is_ok() { 0 } else { 4 })
            {
                let mut out = Vec::new();
                let mut names = String::new();
                for seed in 0..seeds {
                    let mut train: Vec<&Example> = Vec::new();
                    for l in 0..labels.len() {
                        let mut own: Vec<&Example> = sets["train"].iter().filter(|e| e.label == l).collect();
                        own.sort_by_key(|e| {
                            let h = u64::from_str_radix(&e.sha256, 16)
                                .unwrap()
                                .wrapping_add(seed as u64 * 7919)
                                .wrapping_mul(0x9E3779B97F4A7C15);
                            h >> 20
                        });
                        train.extend(own.into_iter().take(n));
                    }
                    let t = std::time::Instant::now();
                    let train: Vec<Example> = train.into_iter().cloned().collect();
                    let nothing: Vec<Example> = Vec::new();
                    let held_out = if std::env::var("NOHELD").is_ok() { &nothing } else { &sets["calib"] };
                    let unseen = std::env::var("UNSEEN").is_ok();
                    let material = Material {
                        heads: &hs,
                        members: &members,
                        layout: &layout,
                        fingerprint: "",
                        evidence: None,
                        pictures: &train,
                        unseen,
                        held_out,
                        layers: &[],
                    };
                    let f = fit(&material, &Options { rule, pools: pools.clone(), ..Options::default() }).unwrap();
                    if seed == 0 {
                        println!(
                            "      {:?} {:?} {:?}",
                            f.combination.record.parameters,
                            f.combination.record.cautions,
                            f.combination.none.as_ref().map(|n| (n.threshold, n.width))
                        );
                    }

                    let secs = t.elapsed().as_secs_f64();
                    if seed == 0 && rule.is_none() {
                        for c in &f.comparison {
                            println!(
                                "      cv {} acc {:.1} nll {:.3} ece {:.1}",
                                c.rule,
                                100. * c.accuracy,
                                c.nll,
                                100. * c.ece
                            );
                        }
                    }
                    let (mut right, mut nll) = (0., 0.);
                    let mut bins = [(0., 0., 0.); 15];
                    for e in &sets["test"] {
                        let z: Vec<f64> = e.observation.logits.iter().map(|&v| f64::from(v)).collect();
                        let col = |p: &Posterior| layout.only(&p.pools).columns(&layout).unwrap();
                        let lp = match &f.combination.rule {
                            Rule::Concat => lsm(&z),
                            Rule::Scaled(s) => lsm(&z
                                .iter()
                                .enumerate()
                                .map(|(c, z)| s.scale[own[c]] * z + s.bias[c])
                                .collect::<Vec<_>>()),
                            Rule::Retrained(p) => post(p, &e.observation.features, &col(p)),
                            Rule::Gated(g) => {
                                let s = lsm(&z
                                    .iter()
                                    .enumerate()
                                    .map(|(c, z)| g.scaled.scale[own[c]] * z + g.scaled.bias[c])
                                    .collect::<Vec<_>>());
                                let q = post(&g.posterior, &e.observation.features, &col(&g.posterior));
                                let ((a, b), (c, d)) = (split(&s, &own), split(&q, &own));
                                lsm(&(0..own.len())
                                    .map(|i| {
                                        g.gate[0] * a[i] + g.gate[1] * c[i] + g.within[0] * b[i] + g.within[1] * d[i]
                                    })
                                    .collect::<Vec<_>>())
                            }
                            _ => unreachable!(),
                        };
                        let best = (0..lp.len()).max_by(|&a, &b| lp[a].total_cmp(&lp[b])).unwrap();
                        let ok = f64::from(u8::from(best == e.label));
                        right += ok;
                        nll -= lp[e.label];
                        let c = lp[best].exp();
                        let b = ((c * 15.).ceil() as usize).clamp(1, 15) - 1;
                        bins[b].0 += 1.;
                        bins[b].1 += c;
                        bins[b].2 += ok;
                    }
                    let m = sets["test"].len() as f64;
                    out.push((
                        100. * right / m,
                        100. * bins.iter().map(|b: &(f64, f64, f64)| (b.1 - b.2).abs()).sum::<f64>() / m,
                        nll / m,
                        secs,
                    ));
                    names += match f.combination.rule {
                        Rule::Concat => "C",
                        Rule::Scaled(_) => "S",
                        Rule::Gated(_) => "G",
                        _ => "R",
                    };
                }
                let mean = |f: &dyn Fn(&(f64, f64, f64, f64)) -> f64| out.iter().map(f).sum::<f64>() / out.len() as f64;
                println!(
                    "{pair} n={n} {names}: acc {:.1} ece {:.1} nll {:.3}  ({:.1} s)",
                    mean(&|o| o.0),
                    mean(&|o| o.1),
                    mean(&|o| o.2),
                    mean(&|o| o.3)
                );
            }
        }
    }
}

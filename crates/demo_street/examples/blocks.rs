use demo_street::plan::{blocks::cut_blocks, frame::Frame, majors::{lay_out, RoadClass}};
fn main() {
    let seed = std::env::args().nth(1).and_then(|s| s.parse().ok()).unwrap_or(1);
    let t = std::time::Instant::now();
    let frame = Frame::new(seed);
    let majors = lay_out(seed, &frame);
    let b = cut_blocks(seed, &frame, &majors);
    eprintln!("{:?} faces {} leaves {} roads {} stretches {}", t.elapsed(), b.faces.len(), b.faces.iter().filter(|f| f.halves.is_none()).count(), b.roads.len(), b.stretches.len());
    let mut s = String::from("<svg xmlns='http://www.w3.org/2000/svg' width='1400' height='1400' viewBox='-2850 -2850 5700 5700'><rect x='-2850' y='-2850' width='5700' height='5700' fill='#eee'/>");
    let path = |p: &[demo_street::geom::Point]| p.iter().map(|p| format!("{:.1},{:.1}", p.x, -p.y)).collect::<Vec<_>>().join(" ");
    s += &format!("<polygon points='{}' fill='#8bf'/>", path(&majors.river.water()));
    for st in &b.stretches {
        let c = b.roads[st.road].class;
        let col = match c { RoadClass::Primary => "#e80", RoadClass::Trunk => "#c40", RoadClass::Secondary => "#cc5", RoadClass::Tertiary => "#666", _ => "#aaa" };
        s += &format!("<polyline points='{}' fill='none' stroke='{}' stroke-width='{}'/>", path(&st.line), col, c.width_m() * 0.6);
    }
    let t = std::time::Instant::now();
    let ter = demo_street::plan::territory::claim(seed, &b);
    let cols = ["#e41a1c","#377eb8","#4daf4a","#984ea3","#ff7f00","#ffff33","#a65628","#f781bf"];
    let mut sizes=[0.0;8];
    for (q,c) in ter.quarters.iter().zip(&ter.community) { if let Some(c)=c { sizes[*c]+=q.area_m2; s += &format!("<polygon points='{}' fill='{}' opacity='0.4'/>", path(&q.ring), cols[*c]); } }
    for r in demo_street::plan::territory::outline(&ter) { eprintln!("loop {} len {}", demo_street::geom::ring::area(&r), r.len()); s += &format!("<polygon points='{}' fill='none' stroke='#f0f' stroke-width='30'/>", path(&r)); }
    eprintln!("{:?} {:?} {}", t.elapsed(), sizes, sizes.iter().sum::<f64>());
    let t = std::time::Instant::now();
    let d = demo_street::plan::division::divide_street(seed, &b, &ter);
    eprintln!("{:?} cells {} unit {} gen {} micro {} com {}", t.elapsed(), d.cells.len(), d.unit_grids.len(), d.general_grids.len(), d.micro_grids.len(), d.communities.len());
    for (n, l) in [("unit",&d.unit_grids),("general",&d.general_grids),("micro",&d.micro_grids),("com",&d.communities)] {
        let mut a: Vec<f64> = l.iter().map(|g| g.area.size_m2()).collect(); a.sort_by(f64::total_cmp);
        eprintln!("{n} sum {:.1} of {:.1} min {:.0} q10 {:.0} med {:.0} q90 {:.0} max {:.0} holes {}", a.iter().sum::<f64>(), d.street.size_m2(), a[0], a[a.len()/10], a[a.len()/2], a[a.len()*9/10], a[a.len()-1], l.iter().map(|g| g.area.holes.len()).sum::<usize>());
    }
    for g in &d.micro_grids { s += &format!("<polygon points='{}' fill='none' stroke='#00f' stroke-width='3'/>", path(&g.area.outer)); }
    for g in &d.unit_grids { s += &format!("<polygon points='{}' fill='none' stroke='#000' stroke-width='1'/>", path(&g.area.outer)); }
    for g in &d.general_grids { s += &format!("<polygon points='{}' fill='none' stroke='#000' stroke-width='12'/>", path(&g.area.outer)); }
    println!("{s}</svg>");
}

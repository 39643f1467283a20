//! Strongly connected components: the parts of a network in which everybody gets everywhere.

use super::arcs::ModeGraph;

const UNSEEN: u32 = u32::MAX;

/// The component of each node, by Tarjan's algorithm without recursion (a road may be long). It
/// numbers components so that no arc leads to a higher number: from a lower one to a higher one
/// there is no way, which a search then need not find out by looking everywhere.
pub fn of(graph: &ModeGraph) -> Vec<u32> {
    let nodes = graph.nodes();
    let mut component = vec![UNSEEN; nodes];
    // The order of discovery, and the earliest node that is known to be reached back.
    let mut order = vec![UNSEEN; nodes];
    let mut low = vec![0u32; nodes];
    let mut open: Vec<u32> = Vec::new();
    let mut path: Vec<(u32, usize)> = Vec::new();
    let (mut discovered, mut components) = (0u32, 0u32);
    for root in 0..nodes as u32 {
        if order[root as usize] != UNSEEN {
            continue;
        }
        path.push((root, 0));
        while let Some((node, next)) = path.pop() {
            let here = node as usize;
            if next == 0 {
                order[here] = discovered;
                low[here] = discovered;
                discovered += 1;
                open.push(node);
            } else {
                let child = graph.leaving(node)[next - 1].to as usize;
                low[here] = low[here].min(low[child]);
            }
            let mut step = next;
            let mut descends = false;
            for arc in &graph.leaving(node)[next..] {
                step += 1;
                let to = arc.to as usize;
                if order[to] == UNSEEN {
                    path.push((node, step));
                    path.push((arc.to, 0));
                    descends = true;
                    break;
                }
                if component[to] == UNSEEN {
                    low[here] = low[here].min(order[to]);
                }
            }
            if descends || low[here] != order[here] {
                continue;
            }
            while let Some(member) = open.pop() {
                component[member as usize] = components;
                if member == node {
                    break;
                }
            }
            components += 1;
        }
    }
    component
}

/// Nodes of the largest component.
pub fn largest(component: &[u32]) -> usize {
    let mut sizes = vec![0usize; component.len()];
    for number in component {
        sizes[*number as usize] += 1;
    }
    sizes.into_iter().max().unwrap_or(0)
}

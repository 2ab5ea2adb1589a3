//! Literals at the beginning or the end of a text: a tree walked from that edge only as far as it fits.

/// A tree of literals; walked from the end, they were put in backwards.
#[derive(Debug, Default)]
pub struct Edge {
    nodes: Vec<Node>,
    edges: Vec<(u8, u32)>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Node {
    from: u32,
    to: u32,
    /// What a literal that ends here points to, plus one; 0 is nothing.
    entry: u32,
}

/// A tree while it grows.
#[derive(Default)]
struct Grown {
    children: Vec<(u8, usize)>,
    entry: u32,
}

impl Edge {
    /// A tree of literals, each with a number.
    pub fn new<'l>(literals: impl Iterator<Item = (&'l str, u32)>, backwards: bool) -> Edge {
        let mut grown = vec![Grown::default()];
        for (literal, number) in literals {
            let mut bytes = literal.as_bytes().to_vec();
            if backwards {
                bytes.reverse();
            }
            let mut at = 0;
            for byte in bytes {
                let next =
                    grown.get(at).and_then(|g| g.children.iter().find(|(b, _)| *b == byte)).map(|(_, n)| *n);
                at = match next {
                    Some(next) => next,
                    None => {
                        grown.push(Grown::default());
                        let new = grown.len() - 1;
                        if let Some(node) = grown.get_mut(at) {
                            node.children.push((byte, new));
                        }
                        new
                    }
                };
            }
            if let Some(node) = grown.get_mut(at) {
                node.entry = number + 1;
            }
        }
        let mut out = Edge::default();
        for mut node in grown {
            node.children.sort_unstable();
            let from = u32::try_from(out.edges.len()).unwrap_or(u32::MAX);
            let place = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
            out.edges.extend(node.children.into_iter().map(|(byte, to)| (byte, place(to))));
            out.nodes.push(Node { from, to: place(out.edges.len()), entry: node.entry });
        }
        out
    }

    /// The numbers of all literals the bytes begin with.
    pub fn walk(&self, bytes: impl Iterator<Item = u8>, mut found: impl FnMut(u32)) {
        let Some(mut node) = self.nodes.first() else { return };
        for byte in bytes {
            let edges = self.edges.get(node.from as usize..node.to as usize).unwrap_or_default();
            let Some((_, next)) = edges.iter().find(|(b, _)| *b == byte) else { return };
            let Some(next) = self.nodes.get(*next as usize) else { return };
            node = next;
            if node.entry > 0 {
                found(node.entry - 1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Edge;

    #[test]
    fn all_that_fit_from_either_end() {
        let literals = [("a", 0), ("ab", 1), ("abd", 2), ("b", 3)];
        let walk = |edge: &Edge, bytes: &mut dyn Iterator<Item = u8>| {
            let mut out = Vec::new();
            edge.walk(bytes, |n| out.push(n));
            out
        };
        let front = Edge::new(literals.into_iter(), false);
        assert_eq!(walk(&front, &mut "abc".bytes()), [0, 1]);
        let back = Edge::new(literals.into_iter(), true);
        assert_eq!(walk(&back, &mut "xab".bytes().rev()), [3, 1]);
        assert!(walk(&back, &mut "".bytes().rev()).is_empty());
    }
}

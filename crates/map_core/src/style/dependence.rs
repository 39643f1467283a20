//! What an expression's value depends on, and how large the expression is.

use super::expression::Expression;
use super::value::Value;

/// What an expression's value may differ by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Dependence {
    pub(super) zoom: bool,
    pub(super) feature: bool,
}

impl Expression {
    /// Whether the value may differ between (zooms, features).
    pub(super) fn depends_on(&self) -> Dependence {
        let mut found = match self {
            Self::Zoom => Dependence {
                zoom: true,
                feature: false,
            },
            Self::Get(_) | Self::Has(_) | Self::Properties | Self::GeometryType | Self::Id => {
                Dependence {
                    zoom: false,
                    feature: true,
                }
            }
            _ => Dependence::default(),
        };
        self.for_each_operand(&mut |operand| {
            let inner = operand.depends_on();
            found.zoom |= inner.zoom;
            found.feature |= inner.feature;
        });
        found
    }

    /// How many parts the expression has.
    pub(super) fn size(&self) -> usize {
        let mut size = 1;
        self.for_each_operand(&mut |operand| size += operand.size());
        size
    }

    /// Whether the value may be an image.
    pub(super) fn may_be_image(&self) -> bool {
        let mut found = false;
        self.for_each_outcome(&mut |outcome| {
            found |= matches!(outcome, Self::Image(_) | Self::Literal(Value::Image(_)));
        });
        found
    }

    /// Visits the parts of which one is the value: what the expression chooses among, or itself.
    pub(super) fn for_each_outcome(&self, visit: &mut dyn FnMut(&Self)) {
        match self {
            Self::Shared(inner) => inner.for_each_outcome(visit),
            Self::Match {
                arms, otherwise, ..
            } => {
                for (_, output) in arms {
                    output.for_each_outcome(visit);
                }
                otherwise.for_each_outcome(visit);
            }
            Self::Case { arms, otherwise } => {
                for (_, output) in arms {
                    output.for_each_outcome(visit);
                }
                otherwise.for_each_outcome(visit);
            }
            Self::Step { first, stops, .. } => {
                first.for_each_outcome(visit);
                for (_, output) in stops {
                    output.for_each_outcome(visit);
                }
            }
            Self::Interpolate { stops, .. } => {
                for (_, output) in stops {
                    output.for_each_outcome(visit);
                }
            }
            Self::Coalesce(items) => {
                for item in items {
                    item.for_each_outcome(visit);
                }
            }
            other => visit(other),
        }
    }

    fn for_each_operand(&self, visit: &mut dyn FnMut(&Self)) {
        match self {
            Self::Literal(_) | Self::Zoom | Self::Properties | Self::GeometryType | Self::Id => {}
            Self::Shared(inner) => visit(inner),
            Self::Get(a)
            | Self::Has(a)
            | Self::Not(a)
            | Self::ToText(a)
            | Self::ToBool(a)
            | Self::TypeOf(a)
            | Self::Length(a)
            | Self::Upcase(a)
            | Self::Downcase(a)
            | Self::ToRgba(a)
            | Self::IsSupportedScript(a)
            | Self::Image(a)
            | Self::AssertArray { array: a, .. } => visit(a),
            Self::Equal(a, b)
            | Self::In(a, b)
            | Self::At(a, b)
            | Self::GetOf(a, b)
            | Self::HasOf(a, b)
            | Self::Split(a, b)
            | Self::Join(a, b)
            | Self::Compare {
                left: a, right: b, ..
            } => {
                visit(a);
                visit(b);
            }
            Self::All(items)
            | Self::Any(items)
            | Self::Coalesce(items)
            | Self::Concat(items)
            | Self::Format(items)
            | Self::ToNumber(items)
            | Self::ToColour(items)
            | Self::Assert(_, items)
            | Self::Numbers(_, items)
            | Self::IndexOf(items)
            | Self::Slice(items)
            | Self::Rgba(items) => items.iter().for_each(visit),
            Self::NumberFormat {
                number,
                least,
                most,
            } => {
                visit(number);
                least.iter().chain(most).for_each(|bound| visit(bound));
            }
            _ => self.for_each_operand_of_a_choice(visit),
        }
    }

    fn for_each_operand_of_a_choice(&self, visit: &mut dyn FnMut(&Self)) {
        match self {
            Self::Match {
                input,
                arms,
                otherwise,
            } => {
                visit(input);
                for (_, output) in arms {
                    visit(output);
                }
                visit(otherwise);
            }
            Self::Case { arms, otherwise } => {
                for (condition, output) in arms {
                    visit(condition);
                    visit(output);
                }
                visit(otherwise);
            }
            Self::Step {
                input,
                first,
                stops,
            } => {
                visit(input);
                visit(first);
                for (_, output) in stops {
                    visit(output);
                }
            }
            Self::Interpolate { input, stops, .. } => {
                visit(input);
                for (_, output) in stops {
                    visit(output);
                }
            }
            _ => {}
        }
    }
}

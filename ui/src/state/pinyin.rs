//! The first letters of Chinese words (拼音首字母): 暴露垃圾 is found by `bllj`.

/// The first letter of the usual reading of each ideograph from U+4E00 on, in lines; `-` where there
/// is none.
const INITIALS: &str = include_str!("pinyin_initials.txt");
/// Letters in a line of it, and its end.
const LINE: usize = 100;

/// The first letter of an ideograph.
fn initial(ideograph: char) -> Option<char> {
    let place = (ideograph as usize).checked_sub(0x4E00)?;
    let letter = *INITIALS.as_bytes().get(place + place / LINE)?;
    letter.is_ascii_lowercase().then_some(letter as char)
}

/// The first letters of a word; what is no ideograph stays, in lower case, and blanks are left out.
pub fn initials(word: &str) -> String {
    word.chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(|c| {
            let letter = initial(c).map_or_else(|| c.to_lowercase().next(), Some);
            letter.into_iter()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_categories_are_found_by_their_first_letters() {
        for (word, letters) in [
            ("暴露垃圾", "bllj"),
            ("路面塌陷", "lmtx"),
            ("非机动车乱停", "fjdclt"),
            ("店外经营", "dwjy"),
            ("AI 摄像头", "aisxt"),
            ("一", "y"),
            ("龥", "y"),
            ("12345", "12345"),
        ] {
            assert_eq!(initials(word), letters, "{word}");
        }
    }

    #[test]
    fn the_table_has_a_letter_for_each_ideograph() {
        let letters = INITIALS.bytes().filter(|b| *b != b'\n').count();
        assert_eq!(letters, 0x9FA6 - 0x4E00);
        let lines = INITIALS.lines().rev().skip(1);
        assert!(lines.into_iter().all(|line| line.len() == LINE));
    }
}

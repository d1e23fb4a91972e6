//! Columns for people.

use console::measure_text_width;

/// Rows of cells, aligned; numbers to the right.
#[derive(Debug, Default, Clone)]
pub struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
    right: Vec<bool>,
}

impl Table {
    /// A table with these heads; a head that begins with `>` marks a column of numbers.
    #[must_use]
    pub fn new(heads: &[&str]) -> Self {
        Self {
            right: heads.iter().map(|h| h.starts_with('>')).collect(),
            head: heads.iter().map(|h| h.trim_start_matches('>').to_owned()).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row; missing cells are empty, and text from outside is made safe.
    pub fn row(&mut self, cells: impl IntoIterator<Item = impl Into<String>>) {
        self.rows.push(cells.into_iter().map(|c| super::plain(&c.into()).replace(['\n', '\t'], " ")).collect());
    }

    /// Nothing to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The lines, without trailing spaces.
    #[must_use]
    pub fn render(&self) -> String {
        let mut widths: Vec<usize> = self.head.iter().map(|h| measure_text_width(h)).collect();
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(measure_text_width(cell));
            }
        }
        let mut out = String::new();
        for row in std::iter::once(&self.head).chain(&self.rows) {
            let mut line = String::new();
            for (i, width) in widths.iter().enumerate() {
                let cell = row.get(i).map_or("", String::as_str);
                let pad = " ".repeat(width.saturating_sub(measure_text_width(cell)));
                let gap = if i == 0 { "" } else { "  " };
                line.push_str(gap);
                if self.right[i] {
                    line.push_str(&pad);
                    line.push_str(cell);
                } else {
                    line.push_str(cell);
                    line.push_str(&pad);
                }
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn columns_line_up_and_numbers_stand_right() {
        let mut table = Table::new(&["model", ">cost"]);
        table.row(["openai/gpt", "$1.20"]);
        table.row(["模型", "$0.03"]);
        assert_eq!(table.render(), "model        cost\nopenai/gpt  $1.20\n模型        $0.03\n");
    }
}

//! A page of documentation as a reader types it off: its files, its commands, what it shows of their output.

use std::path::Path;

/// A page for people.
pub struct Document {
    pub name: &'static str,
    pub text: String,
}

/// Fenced text, and the file that the line before names it.
#[derive(Debug, PartialEq, Eq)]
pub struct Block {
    pub language: String,
    pub file: Option<String>,
    pub text: String,
}

/// A line after `$ `, what its comment says, and the output shown below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typed {
    pub line: String,
    pub comment: String,
    pub shown: Vec<String>,
}

impl Document {
    /// A file of the repository.
    pub fn read(name: &'static str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        let text = std::fs::read_to_string(path).unwrap();
        Self { name, text }
    }

    /// Everything fenced, in order.
    pub fn blocks(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut file = None;
        let mut lines = self.text.lines();
        while let Some(line) = lines.next() {
            if let Some(language) = line.strip_prefix("```") {
                let fenced: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
                blocks.push(Block {
                    language: language.to_owned(),
                    file: file.take(),
                    text: fenced.join("\n") + "\n",
                });
            }
            file = line
                .strip_prefix("<!-- file: ")
                .and_then(|rest| rest.strip_suffix(" -->"))
                .map(str::to_owned);
        }
        blocks
    }

    /// Everything that is typed into a terminal, in order.
    pub fn typed(&self) -> Vec<Typed> {
        let mut typed: Vec<Typed> = Vec::new();
        for block in self.blocks() {
            if block.language != "console" {
                continue;
            }
            for line in block.text.lines() {
                if let Some(command) = line.strip_prefix("$ ") {
                    let (line, comment) = command.split_once(" # ").unwrap_or((command, ""));
                    typed.push(Typed {
                        line: line.trim().to_owned(),
                        comment: comment.trim().to_owned(),
                        shown: Vec::new(),
                    });
                } else {
                    typed.last_mut().unwrap().shown.push(line.to_owned());
                }
            }
        }
        typed
    }

    /// What it links to in this repository, without `#…`.
    pub fn links(&self) -> Vec<String> {
        self.text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split([')', '#']).next())
            .filter(|link| !link.is_empty() && !link.contains("://"))
            .map(str::to_owned)
            .collect()
    }

    /// The first word in backticks of every row of its tables.
    pub fn rows(&self) -> Vec<String> {
        self.text
            .lines()
            .filter_map(|line| line.strip_prefix("| `"))
            .filter_map(|row| row.split([' ', '`']).next())
            .map(str::to_owned)
            .collect()
    }

    /// The paragraph that begins with a word.
    pub fn paragraph(&self, start: &str) -> String {
        let paragraph = self
            .text
            .split("\n\n")
            .find_map(|paragraph| paragraph.strip_prefix(start));
        paragraph
            .unwrap_or_else(|| panic!("{}: no paragraph begins with {start}", self.name))
            .to_owned()
    }
}

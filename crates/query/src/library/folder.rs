//! Questions of the operator beside the shipped ones.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use super::{File, Question, all, is_kebab};

/// The shipped questions and those of a folder.
#[derive(Debug, Clone, Default)]
pub struct Library {
    /// Those of the folder, in the order of the files' names; the file of each.
    own: Vec<(Question, PathBuf)>,
    /// What is wrong in the folder. The questions concerned are left out, all others are there.
    pub errors: Vec<LibraryError>,
}

/// Why a file of the folder, or a question in it, is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LibraryError {
    /// The file, or the folder.
    pub file: PathBuf,
    /// The line, from 1, where there is one to point at.
    pub line: Option<usize>,
    /// What is wrong there.
    pub message: String,
}

impl fmt::Display for LibraryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.message)
    }
}

impl std::error::Error for LibraryError {}

impl Library {
    /// The shipped questions, and those in every file of `folder` that ends with `.toml`, if there is a folder. Whatever is
    /// wrong there is among the errors.
    pub fn read(folder: Option<&Path>) -> Self {
        let mut library = Self::default();
        let Some(folder) = folder else { return library };
        let listed = std::fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        match listed {
            Ok(entries) => {
                let mut files: Vec<PathBuf> = entries.iter().map(std::fs::DirEntry::path).collect();
                files.retain(|it| it.extension().is_some_and(|it| it == "toml"));
                files.sort();
                for file in files {
                    library.add_file(&file);
                }
            }
            Err(error) => library.errors.push(LibraryError {
                file: folder.to_owned(),
                line: None,
                message: format!("failed to read the folder: {error}"),
            }),
        }
        library
    }

    /// Every question: the shipped ones by theme, and then those of the folder.
    pub fn all(&self) -> impl Iterator<Item = &Question> {
        all().iter().chain(self.own.iter().map(|it| &it.0))
    }

    /// The question of that name.
    pub fn find(&self, id: &str) -> Option<&Question> {
        self.all().find(|it| it.id == id)
    }

    /// The file that a question of the folder is in; nothing for a shipped one.
    pub fn file_of(&self, id: &str) -> Option<&Path> {
        self.own.iter().find(|it| it.0.id == id).map(|it| it.1.as_path())
    }

    fn add_file(&mut self, file: &Path) {
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) => return self.refuse(file, None, format!("failed to read the file: {error}")),
        };
        let read = toml::from_str::<File>(&text).and_then(|it| Ok((it, toml::from_str::<Ids>(&text)?)));
        let (questions, ids) = match read {
            Ok(read) => read,
            Err(error) => {
                let line = error.span().map(|it| line_of(&text, it.start));
                return self.refuse(file, line, error.message().to_owned());
            }
        };
        for (question, it) in questions.question.into_iter().zip(ids.question) {
            match self.wrong(&question) {
                None => self.own.push((question, file.to_owned())),
                Some(wrong) => self.refuse(file, Some(line_of(&text, it.id.span().start)), wrong),
            }
        }
    }

    /// Why a question cannot be taken.
    fn wrong(&self, question: &Question) -> Option<String> {
        let id = &question.id;
        if super::find(id).is_some() {
            return Some(format!("the question {id} is shipped with orgraph: give yours another id"));
        }
        if let Some(file) = self.file_of(id) {
            return Some(format!("the question {id} is there twice, first in {}", file.display()));
        }
        if !is_kebab(id) {
            return Some(format!(
                "{id:?} is no id: write words in lower case with - between them, such as open-buckets"
            ));
        }
        let error = crate::j1ql::parse(&question.j1ql).err()?;
        Some(format!("the question {id} cannot be understood: {error}"))
    }

    fn refuse(&mut self, file: &Path, line: Option<usize>, message: String) {
        self.errors.push(LibraryError { file: file.to_owned(), line, message });
    }
}

/// The same file, read for where its questions begin.
#[derive(Deserialize)]
struct Ids {
    question: Vec<Id>,
}

#[derive(Deserialize)]
struct Id {
    id: Spanned<String>,
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|it| *it == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(id: &str, j1ql: &str) -> String {
        format!(
            "\n[[question]]\nid = \"{id}\"\ntitle = \"What?\"\ndescription = \"That.\"\ntags = [\"own\"]\nj1ql = \"{j1ql}\"\n"
        )
    }

    /// What is found, and what is said about the rest, without the folder.
    fn read(files: &[(&str, String)]) -> (Vec<String>, Vec<String>) {
        let folder = std::env::temp_dir().join(format!("orgraph-library-{}", uuid::Uuid::new_v4().simple()));
        std::fs::create_dir(&folder).unwrap();
        for (name, text) in files {
            std::fs::write(folder.join(name), text).unwrap();
        }
        let library = Library::read(Some(&folder));
        std::fs::remove_dir_all(&folder).unwrap();
        let without_folder =
            |it: &LibraryError| it.to_string().replace(&format!("{}/", folder.display()), "");
        let own = library.own.iter().map(|it| it.0.id.clone()).collect();
        (own, library.errors.iter().map(without_folder).collect())
    }

    #[test]
    fn a_bad_file_is_one_error_and_the_rest_is_there() {
        let (own, errors) = read(&[
            ("a.toml", question("one", "FIND aws_account")),
            ("b.toml", format!("{}colour = 1\n", question("two", "FIND aws_account"))),
            ("c.toml", "[[question]\n".to_owned()),
            ("d.toml", question("three", "FIND aws_account") + &question("four", "FIND aws_user")),
            ("notes.md", "not looked at".to_owned()),
        ]);

        assert_eq!(own, ["one", "three", "four"]);
        assert_eq!(errors.len(), 2, "{errors:?}");
        assert!(errors[0].starts_with("b.toml:8: unknown field `colour`"), "{errors:?}");
        assert!(errors[1].starts_with("c.toml:1: "), "{errors:?}");
        assert!(errors.iter().all(|it| it.lines().count() == 1), "{errors:?}");
    }

    #[test]
    fn an_id_that_is_taken_or_none_is_an_error_with_its_line() {
        let text = question("unused-volumes-of-ours", "FIND aws_ebs_volume")
            + &question(&all()[0].id, "FIND aws_account")
            + &question("Not An Id", "FIND aws_account");
        let again = question("unused-volumes-of-ours", "FIND aws_account");

        let (own, errors) = read(&[("a.toml", text), ("b.toml", again)]);

        assert_eq!(own, ["unused-volumes-of-ours"]);
        let taken =
            format!("a.toml:10: the question {} is shipped with orgraph: give yours another id", all()[0].id);
        assert_eq!(errors[0], taken);
        assert!(errors[1].starts_with("a.toml:17: \"Not An Id\" is no id"), "{errors:?}");
        assert!(
            errors[2].starts_with("b.toml:3: the question unused-volumes-of-ours is there twice"),
            "{errors:?}"
        );
    }

    #[test]
    fn a_question_that_cannot_be_understood_is_left_out() {
        let (own, errors) =
            read(&[("a.toml", question("what", "FINT aws_account") + &question("that", "FIND *"))]);

        assert_eq!(own, ["that"]);
        assert!(errors[0].starts_with("a.toml:3: the question what cannot be understood: "), "{errors:?}");
    }

    #[test]
    fn a_folder_that_is_gone_is_an_error_and_the_shipped_questions_are_there() {
        let library = Library::read(Some(Path::new("/nowhere/questions")));

        assert_eq!(library.all().count(), all().len());
        assert!(library.errors[0].to_string().starts_with("/nowhere/questions: failed to read the folder"));
        assert!(Library::read(None).errors.is_empty());
    }
}

//! What `monster redact scan` looks through: nothing is left out unsaid, whatever a repository calls it.

use std::fs;

use serde_json::json;

use crate::key::{github, password};
use crate::redact::silent;
use crate::sandbox::Sandbox;

#[test]
fn neither_an_attribute_nor_an_encoding_hides_what_is_staged() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("hidden");
    let (first, second, wide, nul) = (password("first"), password("second"), github("wide"), github("nul"));
    let file = |name: &str| repo.path().join(name);
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    repo.write(".gitattributes", "*.env -diff\n");
    repo.write("x.env", &format!("HOST=db.example.org\nDB_PASSWORD={first}\n"));
    fs::write(file("notes.txt"), utf16(&format!("\u{feff}one\ntoken {wide}\n"))).unwrap();
    fs::write(file("bare.txt"), utf16(&format!("one and two\ntoken {wide}\n"))).unwrap();
    fs::write(file("odd.txt"), format!("a\0b\ntoken {nul}\n")).unwrap();
    fs::write(file("logo.png"), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0").unwrap();
    repo.git(&["add", "."]);
    let places = |args: &[&str]| {
        let done = repo.monster(&[&["redact", "scan", "--json"], args].concat()).done();
        for value in [&first, &second, &wide, &nul] {
            silent(&done, value);
        }
        let told = done.exits(1).json();
        assert_eq!((&told["left_out"]["binary"], &told["complete"]), (&json!(1), &json!(true)), "{told:#}");
        let place = |f: &serde_json::Value| format!("{}:{}", f["file"].as_str().unwrap(), f["line"]);
        told["findings"].as_array().unwrap().iter().map(place).collect::<Vec<_>>()
    };
    let all = ["bare.txt:2", "notes.txt:2", "odd.txt:2", "x.env:2"];
    assert_eq!(places(&["--staged"]), all);
    assert_eq!(places(&["."]), all, "files are read in the same way");
    repo.commit("feat: begin");
    repo.stage("x.env", &format!("HOST=db.example.org\nPORT=1\nDB_PASSWORD={first}\nADMIN_PASSWORD={second}\n"));
    fs::write(file("logo.png"), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0").unwrap();
    repo.git(&["add", "."]);
    assert_eq!(places(&["--staged"]), ["x.env:4"], "of what is no news to git only what came counts");
    repo.commit("feat: let the admin in");
    assert_eq!(places(&["HEAD~1..HEAD"]), ["x.env:4"]);
    // A diff does not hold it: nobody can say that there is nothing. Pictures say it by their name.
    let diff = repo.git(&["diff", "HEAD~1..HEAD"]);
    let piped = repo.monster(&["redact", "scan", "--diff"]).stdin(diff.as_str()).done();
    assert!(piped.exits(2).stderr.contains("does not hold what stands in x.env"), "{}", piped.all());
    let text = repo.git(&["diff", "--text", "HEAD~1..HEAD", "--", "x.env"]);
    repo.monster(&["redact", "scan", "--diff"]).stdin(text.as_str()).done().exits(1);
    let picture = repo.git(&["diff", "HEAD~1..HEAD", "--", "logo.png"]);
    let picture = repo.monster(&["redact", "scan", "--diff"]).stdin(picture.as_str()).done();
    assert!(picture.ok().stderr.contains("1 binary"), "{}", picture.all());
}

#[test]
fn what_could_not_be_looked_through_is_no_success() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("cut");
    repo.write("ok.txt", "nothing\n");
    let large = fs::File::create(repo.path().join("large.log")).unwrap();
    large.set_len((256 << 20) + 1).unwrap();
    let scan = |args: &[&str]| repo.monster(&[&["redact", "scan"], args].concat()).done();
    let done = scan(&["ok.txt", "large.log"]);
    assert!(done.exits(2).stderr.contains("large.log is larger than 256 MiB"), "{}", done.all());
    repo.write("found.txt", &format!("token {}\n", github("cut")));
    let told = scan(&["--json", "found.txt", "large.log"]).exits(1).json();
    assert_eq!(told["complete"], false, "{told:#}");
    fs::remove_file(repo.path().join("large.log")).unwrap();
    #[cfg(unix)]
    {
        repo.any("mkfifo", &["pipe"]).done().ok();
        let pipe = scan(&["pipe"]);
        assert!(pipe.exits(2).stderr.contains("1 not readable"), "{}", pipe.all());
        std::os::unix::fs::symlink("..", repo.path().join("up")).unwrap();
        repo.write("folder/ok.txt", "nothing\n");
        std::os::unix::fs::symlink("folder", repo.path().join("there")).unwrap();
        assert!(
            scan(&["there"]).ok().stderr.contains("in 1 text"),
            "a folder is looked at through a link that is named"
        );
    }
    // More files than a change may have.
    let many: String = (0..=20_000).map(|n| format!("diff --git a/{n} b/{n}\nnew file mode 100644\n")).collect();
    let many = repo.monster(&["redact", "scan", "--diff"]).stdin(many).done();
    assert!(many.exits(2).stderr.contains("files"), "{}", many.all());
}

#[test]
fn a_history_is_judged_at_every_path_and_with_what_was_said() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("told");
    let word = password("moved");
    let (named, said, tagged) = (github("named"), github("said"), github("tagged"));
    repo.stage("tests/login.py", &format!("password = \"{word}\"\n")).commit("test: log in");
    repo.monster(&["redact", "allow", "--repo", "tests/login.py:1"]).done().ok();
    repo.monster(&["redact", "scan", "--history"]).done().ok();
    repo.stage("src2/login.py", &repo.read("tests/login.py")).commit("feat: log in");
    repo.stage(&format!("keys/{named}.txt"), "it is in the name\n").commit(&format!("docs: try\n\nwith {said}"));
    repo.git(&["tag", "-a", "-m", &format!("made by {tagged}"), "v1"]);
    let done = repo.monster(&["redact", "scan", "--history", "--json"]).done();
    for value in [&word, &named, &said, &tagged] {
        silent(&done, value);
    }
    let told = done.exits(1).json();
    let mut found: Vec<(String, String)> = told["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| (f["in"].as_str().unwrap_or("content").to_owned(), f["file"].as_str().unwrap().to_owned()))
        .collect();
    found.sort();
    let expected = [
        ("commit message", "commit message"),
        ("content", "src2/login.py"),
        ("name", "keys/<hidden GitHub token>.txt"),
        ("tag message", "tag message"),
    ];
    assert_eq!(found, expected.map(|(part, file)| (part.to_owned(), file.to_owned())), "{told:#}");
    let text = repo.monster(&["redact", "scan", "--history"]).done();
    silent(&text, &named);
    assert!(text.exits(1).stdout.contains("name of keys/<hidden GitHub token>.txt:1:6"), "{}", text.all());
    assert!(text.stdout.contains("commit message:3:6"), "{}", text.all());
    // People are personal data.
    repo.git(&["-c", "user.email=ann@shop-example.com", "commit", "-q", "--allow-empty", "-m", "chore: none"]);
    let people = repo.monster(&["redact", "scan", "--history", "--pii", "--json"]).done().exits(1).json();
    assert!(people["findings"].as_array().unwrap().iter().any(|f| f["in"] == "author"), "{people:#}");
    // A name that comes is looked at wherever names come.
    fs::write(repo.path().join(format!("{named}.md")), "").unwrap();
    repo.git(&["add", "."]);
    let staged = repo.monster(&["redact", "scan", "--staged"]).done();
    silent(&staged, &named);
    assert!(staged.exits(1).stdout.contains("name of <hidden GitHub token>.md"), "{}", staged.all());
}

#[cfg(unix)]
#[test]
fn code_hosts_find_files_whatever_their_names_are() {
    use std::os::unix::ffi::OsStrExt;
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("names");
    let name = std::ffi::OsStr::from_bytes(b"b\xff\\c.py");
    fs::create_dir(repo.path().join("sub")).unwrap();
    fs::write(repo.path().join("sub").join(name), format!("KEY = '{}'\n", github("odd"))).unwrap();
    repo.git(&["add", "."]);
    let uri = |args: &[&str]| {
        let log = repo.monster(&[&["redact", "scan", "--sarif"], args].concat()).done().exits(1).json();
        let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
        place["artifactLocation"]["uri"].as_str().unwrap().to_owned()
    };
    assert_eq!(uri(&[]), "sub/b%FF%5Cc.py");
    assert_eq!(uri(&["--staged"]), "sub/b%FF%5Cc.py");
    let away = sandbox.home().join("away.py");
    fs::write(&away, format!("KEY = '{}'\n", github("away"))).unwrap();
    let away = away.display().to_string();
    assert_eq!(uri(&[&away]), format!("file://{away}"));
}

#[test]
fn lists_that_many_write_at_once_lose_nothing() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("many");
    let lines: Vec<String> = (0..6).map(|n| format!("password = \"{}\"\n", password(&format!("many {n}")))).collect();
    repo.write("tests/all.py", &lines.concat());
    let place = |n: usize| format!("tests/all.py:{}", n + 1);
    let running: Vec<_> = (0..6).map(|n| repo.monster(&["redact", "allow", "--repo", &place(n)]).start()).collect();
    for one in running {
        one.done(&sandbox).ok();
    }
    assert_eq!(repo.read(".monster/allow.toml").matches("[[allow]]").count(), 6);
    repo.monster(&["redact", "scan"]).done().ok();
    assert_eq!(fs::read_dir(repo.path().join(".monster")).unwrap().count(), 1, "nothing else lies there");
}

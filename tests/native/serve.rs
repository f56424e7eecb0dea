//! The static server, over a real socket.

use crate::PATIENCE;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::mpsc;

use polyhead::cli::serve::serve;

/// A response of the server.
struct Answer {
    status: u16,
    /// The header lines, names in lower case.
    headers: String,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

/// A folder served for one test, with a secret next to it.
struct Site {
    parent: tempfile::TempDir,
    /// `127.0.0.1:PORT`.
    address: String,
}

impl Site {
    fn new() -> Self {
        Site::with("pkg/polyhead_bg.wasm")
    }

    /// A folder with a module of this name.
    fn with(module: &str) -> Self {
        let parent = tempfile::tempdir().unwrap();
        let www = parent.path().join("www");
        fs::create_dir_all(www.join("pkg")).unwrap();
        fs::create_dir_all(www.join(".git")).unwrap();
        fs::write(parent.path().join("secret.txt"), "secret").unwrap();
        fs::write(www.join(".env"), "secret").unwrap();
        fs::write(www.join(".git/config"), "secret").unwrap();
        fs::write(www.join("index.html"), "<!doctype html>").unwrap();
        fs::write(www.join("page.js"), "export {}").unwrap();
        fs::write(www.join("page.mjs"), "export {}").unwrap();
        fs::write(www.join(module), b"\0asm\x01\0\0\0").unwrap();
        let address = start(&www);
        Site { parent, address }
    }

    fn www(&self) -> std::path::PathBuf {
        self.parent.path().join("www")
    }

    fn get(&self, path: &str) -> Answer {
        self.request("GET", path, "")
    }

    /// Sends the path unchanged: a client library would resolve `..`. `headers`: lines ending in `\r\n`.
    fn request(&self, method: &str, path: &str, headers: &str) -> Answer {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let host = &self.address;
        write!(stream, "{method} {path} HTTP/1.1\r\nHost: {host}\r\n{headers}Connection: close\r\n\r\n").unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let split = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(bytes[..split].to_vec()).unwrap();
        let (line, headers) = head.split_once("\r\n").unwrap();
        Answer {
            status: line.split(' ').nth(1).unwrap().parse().unwrap(),
            headers: headers.to_owned(),
            body: bytes[split + 4..].to_vec(),
        }
    }
}

/// Serves `dir` on a free port until the test program ends, and returns `127.0.0.1:PORT`.
fn start(dir: &Path) -> String {
    let (sender, receiver) = mpsc::channel();
    let dir = dir.to_owned();
    std::thread::spawn(move || serve(&dir, 0, |url| sender.send(url.to_owned()).unwrap()).unwrap());
    let url = receiver.recv_timeout(PATIENCE).unwrap();
    url.strip_prefix("http://").and_then(|rest| rest.strip_suffix('/')).unwrap().to_owned()
}

#[test]
fn files_have_their_content_types() {
    let site = Site::new();
    for (path, mime) in [
        ("/", "text/html"),
        ("/index.html", "text/html"),
        ("/page.js", "text/javascript"),
        ("/page.mjs", "text/javascript"),
        ("/pkg/polyhead_bg.wasm", "application/wasm"),
    ] {
        let answer = site.get(path);
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(mime)), "{path}");
    }
    assert_eq!(site.get("/pkg/polyhead_bg.wasm").body, b"\0asm\x01\0\0\0");
}

#[test]
fn every_response_has_the_security_headers() {
    let site = Site::new();
    for path in ["/", "/page.js", "/missing"] {
        let answer = site.get(path);
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'self'; script-src 'self' 'wasm-unsafe-eval';"), "{policy}");
        assert!(!policy.contains("unsafe-inline"), "{policy}");
        for part in
            ["object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"]
        {
            assert!(policy.split("; ").any(|own| own == part), "{part} in {policy}");
        }
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cache-control", "no-cache"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path}: {name}");
        }
    }
}

#[test]
fn pages_with_a_module_with_threads_are_isolated() {
    let site = Site::new();
    let isolation = ["cross-origin-opener-policy", "cross-origin-embedder-policy"];
    assert_eq!(isolation.map(|name| site.get("/").header(name).map(str::to_string)), [None, None]);
    let site = Site::with("pkg/polyhead_threads_bg.wasm");
    for path in ["/", "/page.js", "/missing"] {
        let answer = site.get(path);
        assert_eq!(isolation.map(|name| answer.header(name)), [Some("same-origin"), Some("require-corp")], "{path}");
    }
}

#[test]
fn nothing_outside_the_folder_is_served() {
    let site = Site::new();
    for path in [
        "/../secret.txt",
        "/pkg/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e%2fsecret.txt",
        "/..\\secret.txt",
        "/pkg/..%5c..%5csecret.txt",
        "//../secret.txt",
        "/./../secret.txt",
        "/%252e%252e/secret.txt",
        "/page.js/../../secret.txt",
        "/..%00/secret.txt",
        "/%00",
        "/%ff",
    ] {
        let answer = site.get(path);
        assert!((400..500).contains(&answer.status), "{path}: {}", answer.status);
        assert!(!answer.body.windows(6).any(|six| six == b"secret"), "{path}");
    }
    let absolute = format!("/{}", site.parent.path().join("secret.txt").display());
    assert_eq!(site.get(&absolute).status, 404);
}

#[test]
fn dot_files_are_not_served() {
    let site = Site::new();
    for path in ["/.env", "/%2eenv", "/%2Eenv", "/.git/config", "/.git/", "/pkg/%2e%2e/.env", "/./.env", "//.env"] {
        let answer = site.get(path);
        assert!(answer.status >= 400, "{path}: {}", answer.status);
        assert!(!answer.body.windows(6).any(|six| six == b"secret"), "{path}");
    }
}

#[cfg(unix)]
#[test]
fn links_are_followed_inside_the_folder_only() {
    use std::os::unix::fs::symlink;
    let site = Site::new();
    symlink(site.parent.path().join("secret.txt"), site.www().join("out.txt")).unwrap();
    symlink(site.parent.path(), site.www().join("up")).unwrap();
    symlink(site.www().join(".env"), site.www().join("env.txt")).unwrap();
    symlink(site.www().join("page.js"), site.www().join("same.js")).unwrap();
    for path in ["/out.txt", "/up/secret.txt", "/env.txt"] {
        assert_eq!(site.get(path).status, 404, "{path}");
    }
    assert_eq!(site.get("/same.js").status, 200);
}

#[test]
fn folders_are_not_listed() {
    let site = Site::new();
    assert_eq!(site.get("/pkg/").status, 404);
}

#[test]
fn only_reading_is_allowed() {
    let site = Site::new();
    assert_eq!(site.request("POST", "/", "Content-Length: 0\r\n").status, 405);
    assert_eq!(site.request("PUT", "/new.txt", "Content-Length: 0\r\n").status, 405);
    let head = site.request("HEAD", "/page.js", "");
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (200, Some("9"), 0));
}

#[test]
fn compressed_file_is_sent_to_clients_that_accept_it() {
    let site = Site::new();
    fs::write(site.www().join("page.js.br"), "as brotli").unwrap();
    fs::write(site.www().join("page.js.gz"), "as gzip").unwrap();
    for (accepts, encoding, body) in
        [("br, gzip", Some("br"), "as brotli"), ("gzip", Some("gzip"), "as gzip"), ("identity", None, "export {}")]
    {
        let answer = site.request("GET", "/page.js", &format!("Accept-Encoding: {accepts}\r\n"));
        assert_eq!(answer.header("content-encoding"), encoding, "{accepts}");
        assert_eq!(answer.header("content-type"), Some("text/javascript"), "{accepts}");
        assert_eq!(answer.body, body.as_bytes(), "{accepts}");
    }
}

#[test]
fn unchanged_file_is_not_sent_again() {
    let site = Site::new();
    let tag = site.get("/page.js").header("etag").unwrap().to_owned();
    let answer = site.request("GET", "/page.js", &format!("If-None-Match: {tag}\r\n"));
    assert_eq!((answer.status, answer.body.len()), (304, 0));
}

#[test]
fn error_port_taken() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let dir = tempfile::tempdir().unwrap();
    let error = serve(dir.path(), port, |_| panic!("the port is taken")).unwrap_err();
    assert_eq!(error.code(), "port-taken");
    assert_eq!(
        error.to_string(),
        format!("port {port}: expected a free port, found one in use; give --port N with another number, or 0 for any")
    );
}

#[test]
fn error_no_folder() {
    let dir = tempfile::tempdir().unwrap();
    let error = serve(&dir.path().join("missing"), 0, |_| panic!("there is no folder")).unwrap_err();
    assert_eq!(error.code(), "read");
}

//! `polyhead serve`: a static server for the local machine.

use std::future::{Future, IntoFuture};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::pin::Pin;

use axum::http::header::{self, HeaderName, HeaderValue};
use axum::response::Response;
use axum::Router;
use tokio::net::TcpListener;
use tower_http::services::fs::{Backend, TokioBackend, TokioFile};
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::error::{ErrorKind, Result};

/// The default port.
pub const DEFAULT_PORT: u16 = 8000;

/// Headers of every response: own files only, no guessing of types, no referrer, and every file revalidated.
const HEADERS: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' blob: data:; object-src 'none'; \
         base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (header::CACHE_CONTROL, "no-cache"),
];

/// Headers that isolate a page from other origins, which enables threads (shared memory) in its wasm modules.
const ISOLATION: [(HeaderName, &str); 2] = [
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-embedder-policy"), "require-corp"),
];

/// The multi-threaded build of the classifier's module. The library requests it on isolated pages only.
const THREADS_MODULE: &str = "pkg/polyhead_threads_bg.wasm";

/// Serves the files of `dir` on 127.0.0.1 until Ctrl-C.
///
/// `port` 0 takes any free port. `announce` is called once with the address, `http://127.0.0.1:PORT/`, as soon as a
/// browser can connect. A browser that accepts it gets `NAME.br` or `NAME.gz` instead of `NAME`, if it exists. Dot
/// files, and links that lead out of `dir`, are not served. Pages are isolated from other origins if `dir` has a
/// module with threads, which requires that; a module without threads does not.
///
/// # Errors
/// [`ErrorKind::Read`] if `dir` is not a readable folder, [`ErrorKind::PortTaken`] if another program uses the port,
/// [`ErrorKind::Serve`] if the system refuses the socket.
pub fn serve(dir: &Path, port: u16, announce: impl FnOnce(&str)) -> Result<()> {
    let root = folder(dir)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|source| ErrorKind::Serve { port, source })?;
    let served = runtime.block_on(async {
        let listener = bind(port).await?;
        let address = listener.local_addr().map_err(|source| ErrorKind::Serve { port, source })?;
        tokio::spawn(axum::serve(listener, router(root)).into_future());
        announce(&format!("http://{address}/"));
        // `axum::serve` never ends by itself: it retries after errors.
        tokio::signal::ctrl_c().await.map_err(|source| ErrorKind::Serve { port, source })?;
        Ok(())
    });
    // Without waiting for browsers that keep their connections open.
    runtime.shutdown_background();
    served
}

/// The real path of a folder that can be listed.
fn folder(dir: &Path) -> Result<PathBuf> {
    let read = |source| ErrorKind::Read { path: dir.display().to_string(), source };
    std::fs::read_dir(dir).map_err(read)?;
    Ok(dir.canonicalize().map_err(read)?)
}

async fn bind(port: u16) -> Result<TcpListener> {
    TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await.map_err(|source| {
        match source.kind() {
            io::ErrorKind::AddrInUse => ErrorKind::PortTaken { port },
            _ => ErrorKind::Serve { port, source },
        }
        .into()
    })
}

fn router(root: PathBuf) -> Router {
    let has_threads = root.join(THREADS_MODULE).is_file();
    let files = ServeDir::with_backend(root.clone(), Visible { root }).precompressed_br().precompressed_gzip();
    let router = Router::new()
        .fallback_service(files)
        .layer(SetResponseHeaderLayer::overriding(header::CONTENT_TYPE, standard_type));
    let isolation = ISOLATION.into_iter().filter(|_| has_threads);
    HEADERS.into_iter().chain(isolation).fold(router, |router, (name, value)| {
        router.layer(SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value)))
    })
}

/// The content type of JavaScript is the registered one ([RFC 9239](https://www.rfc-editor.org/rfc/rfc9239)); other
/// types are unchanged.
fn standard_type(response: &Response) -> Option<HeaderValue> {
    let found = response.headers().get(header::CONTENT_TYPE)?;
    Some(match found.as_bytes() {
        b"application/javascript" => HeaderValue::from_static("text/javascript"),
        _ => found.clone(),
    })
}

/// The files in one folder, without dot files and without links that lead out of it.
#[derive(Clone)]
struct Visible {
    /// The folder's real path.
    root: PathBuf,
}

impl Visible {
    /// The real path of `path`, if it may be served.
    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        let real = path.canonicalize()?;
        let hidden = |below: &Path| below.iter().any(|part| part.as_encoded_bytes().starts_with(b"."));
        let asked = path.strip_prefix(&self.root).map_err(io::Error::other)?;
        match real.strip_prefix(&self.root) {
            Ok(below) if !hidden(below) && !hidden(asked) => Ok(real),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

type Pending<T> = Pin<Box<dyn Future<Output = io::Result<T>> + Send>>;

impl Backend for Visible {
    type File = TokioFile;
    type Metadata = std::fs::Metadata;
    type OpenFuture = Pending<TokioFile>;
    type MetadataFuture = Pending<std::fs::Metadata>;

    fn open(&self, path: PathBuf) -> Self::OpenFuture {
        match self.resolve(&path) {
            Ok(real) => TokioBackend.open(real),
            Err(error) => Box::pin(std::future::ready(Err(error))),
        }
    }

    fn metadata(&self, path: PathBuf) -> Self::MetadataFuture {
        match self.resolve(&path) {
            Ok(real) => TokioBackend.metadata(real),
            Err(error) => Box::pin(std::future::ready(Err(error))),
        }
    }
}

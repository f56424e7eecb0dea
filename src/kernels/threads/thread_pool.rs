//! A thread pool with dynamic scheduling of a kernel's chunks.
//!
//! An operator takes microseconds and an image runs a hundred of them, so threads spin for some microseconds before
//! they sleep, and take chunks from a shared counter: a slower thread takes fewer.

use super::parallel::Executor;
use std::any::Any;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// Spins before a waiting thread sleeps: less than a tenth of a millisecond. A third as many made an image 2 % slower,
/// ten times as many had no benefit.
const SPINS: usize = if cfg!(target_arch = "wasm32") { 60_000 } else { 1_000 };
/// The maximum number of chunks per job, limited by the bit fields of [`Job`].
const MOST: usize = 0xfff;

type Work<'a> = &'a (dyn Fn(usize) + Sync);

/// The calling thread and its workers.
pub struct ThreadPool {
    shared: Arc<Shared>,
    size: usize,
    /// A call of `run` is in progress.
    busy: AtomicBool,
    threads: Vec<JoinHandle<()>>,
}

/// A worker of the pool, run by a thread that the caller starts.
#[derive(Clone)]
pub struct Worker(Arc<Shared>);

/// The state that the caller and all workers share.
#[derive(Default)]
struct Shared {
    /// The [`Job`] packed into one number, so that one atomic operation checks that it is current and takes a chunk.
    job: AtomicU64,
    /// Points to the caller's `Work` while chunks of the job are left.
    work: AtomicPtr<()>,
    /// Chunks that are not completed yet.
    left: AtomicU32,
    asleep: AtomicUsize,
    caller_asleep: AtomicBool,
    shutdown: AtomicBool,
    /// A worker's thread ended while it ran a chunk.
    broken: AtomicBool,
    mutex: Mutex<()>,
    next_job: Condvar,
    all_done: Condvar,
    /// The payload of a chunk's panic.
    panic: Mutex<Option<Box<dyn Any + Send>>>,
}

/// The end of the job from which a thread takes chunks, so that it reuses the data in its cache from job to job:
/// processors exchange cached data at a tenth of the speed.
#[derive(Clone, Copy)]
enum End {
    First,
    Last,
}

/// Bit fields, from the highest to the lowest: the job's number, its number of chunks, the number taken from the last
/// down, and the number taken from the first up.
#[derive(Clone, Copy)]
struct Job(u64);

impl Job {
    fn new(number: u64, parts: usize) -> Job {
        Job(number << 36 | (parts as u64) << 24)
    }

    fn number(self) -> u64 {
        self.0 >> 36
    }

    /// The next chunk at this end, if any is left, and the job without it.
    fn without(self, end: End) -> Option<(usize, Job)> {
        let [parts, last, first] = [24, 12, 0].map(|shift| (self.0 >> shift) as usize & MOST);
        (first + last < parts).then(|| match end {
            End::First => (first, Job(self.0 + 1)),
            End::Last => (parts - 1 - last, Job(self.0 + (1 << 12))),
        })
    }
}

impl ThreadPool {
    /// A pool of `size` threads, the caller's included.
    ///
    /// # Errors
    /// If the system cannot start a thread.
    pub fn start(size: usize) -> std::io::Result<ThreadPool> {
        let mut pool = ThreadPool::with_threads(size);
        for _ in 1..size {
            let worker = pool.worker();
            pool.threads.push(std::thread::Builder::new().spawn(move || worker.work())?);
        }
        Ok(pool)
    }

    /// A pool of `size` threads, the caller's included, whose other threads the caller starts with
    /// [`ThreadPool::worker`]. All work completes even if they never run.
    pub fn with_threads(size: usize) -> ThreadPool {
        ThreadPool { shared: Arc::default(), size: size.max(1), busy: AtomicBool::new(false), threads: Vec::new() }
    }

    pub fn worker(&self) -> Worker {
        Worker(self.shared.clone())
    }
}

impl Executor for ThreadPool {
    fn size(&self) -> usize {
        self.size
    }

    /// Work submitted while other work is in progress runs on its caller's thread alone.
    ///
    /// # Panics
    /// With the payload of a panic of `work`, after all chunks have ended; if a worker was lost.
    fn run(&self, parts: usize, work: Work) {
        if parts < 2 || self.size < 2 || self.busy.swap(true, Ordering::Acquire) {
            (0..parts).for_each(work);
            return;
        }
        for from in (0..parts).step_by(MOST) {
            self.shared.run((parts - from).min(MOST), &|part| work(from + part));
        }
        let panic = lock(&self.shared.panic).take();
        self.busy.store(false, Ordering::Release);
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
    }
}

impl Drop for ThreadPool {
    fn drop(&mut self) {
        self.shared.shutdown.store(true, Ordering::SeqCst);
        drop(lock(&self.shared.mutex));
        self.shared.next_job.notify_all();
        for thread in self.threads.drain(..) {
            // `work` catches the panics of chunks.
            let _ = thread.join();
        }
    }
}

/// Workers that wait for their threads; a web worker can only receive a number.
static SLOTS: Mutex<Vec<Option<Worker>>> = Mutex::new(Vec::new());

impl Worker {
    /// Stores the worker and returns its slot, from which a thread that shares this memory takes it.
    pub fn slot(self) -> usize {
        let mut slots = lock(&SLOTS);
        slots.push(Some(self));
        slots.len() - 1
    }

    /// Takes the worker out of its slot.
    pub fn of_slot(number: usize) -> Option<Worker> {
        lock(&SLOTS).get_mut(number)?.take()
    }

    /// Runs chunks until the pool is dropped.
    pub fn work(&self) {
        let mut last = 0;
        while let Some(job) = self.0.job_after(last) {
            last = job.number();
            self.0.help(End::Last);
        }
    }

    /// Reports to the waiting caller that the thread of this worker has ended.
    pub fn mark_lost(&self) {
        self.0.broken.store(true, Ordering::SeqCst);
        drop(lock(&self.0.mutex));
        self.0.all_done.notify_all();
    }
}

impl Shared {
    /// Returns when all chunks are completed.
    fn run(&self, parts: usize, work: Work) {
        self.left.store(parts as u32, Ordering::Relaxed);
        self.work.store((&raw const work).cast_mut().cast(), Ordering::Relaxed);
        let number = Job(self.job.load(Ordering::Relaxed)).number().wrapping_add(1);
        self.job.store(Job::new(number, parts).0, Ordering::SeqCst);
        if self.asleep.load(Ordering::SeqCst) > 0 {
            drop(lock(&self.mutex));
            self.next_job.notify_all();
        }
        self.help(End::First);
        self.wait();
        self.work.store(null_mut(), Ordering::Relaxed);
    }

    /// Runs chunks of the latest job while some are left.
    fn help(&self, end: End) {
        let mut job = Job(self.job.load(Ordering::Acquire));
        while let Some((part, rest)) = job.without(end) {
            let work: *const Work = self.work.load(Ordering::Relaxed).cast_const().cast();
            let taken = self.job.compare_exchange(job.0, rest.0, Ordering::AcqRel, Ordering::Acquire);
            if let Err(now) = taken {
                job = Job(now);
                continue;
            }
            // SAFETY: `work` belongs to this job: it is stored before the job, and replaced only after `wait` has seen
            // all chunks completed, which includes the one just taken. Until then `run` keeps its target on the stack.
            let work = unsafe { *work };
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| work(part))) {
                lock(&self.panic).get_or_insert(panic);
            }
            if self.left.fetch_sub(1, Ordering::SeqCst) == 1 && self.caller_asleep.load(Ordering::SeqCst) {
                drop(lock(&self.mutex));
                self.all_done.notify_all();
            }
            job = Job(self.job.load(Ordering::Acquire));
        }
    }

    /// Waits until all chunks are completed.
    fn wait(&self) {
        for _ in 0..SPINS {
            if self.left.load(Ordering::Acquire) == 0 {
                return;
            }
            std::hint::spin_loop();
        }
        let mut guard = lock(&self.mutex);
        self.caller_asleep.store(true, Ordering::SeqCst);
        while self.left.load(Ordering::SeqCst) > 0 {
            assert!(
                !self.broken.load(Ordering::SeqCst),
                "expected every thread to do its part, found one that was lost"
            );
            guard = self.all_done.wait(guard).unwrap_or_else(PoisonError::into_inner);
        }
        self.caller_asleep.store(false, Ordering::SeqCst);
    }

    /// Waits for a job other than the last one; `None` after shutdown.
    fn job_after(&self, last: u64) -> Option<Job> {
        let latest = || {
            let job = Job(self.job.load(Ordering::SeqCst));
            (job.number() != last).then_some(job)
        };
        for _ in 0..SPINS {
            if let Some(job) = latest() {
                return Some(job);
            }
            std::hint::spin_loop();
        }
        let mut guard = lock(&self.mutex);
        self.asleep.fetch_add(1, Ordering::SeqCst);
        let job = loop {
            if self.shutdown.load(Ordering::SeqCst) {
                break None;
            }
            if let Some(job) = latest() {
                break Some(job);
            }
            guard = self.next_job.wait(guard).unwrap_or_else(PoisonError::into_inner);
        };
        self.asleep.fetch_sub(1, Ordering::SeqCst);
        job
    }
}

/// A panic under these locks leaves no inconsistent state.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

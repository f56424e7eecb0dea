//! The thread pool: every chunk runs once, panics reach the caller, idle threads sleep.

use crate::PATIENCE;
use polyhead::kernels::{Executor, ThreadPool};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// The number of runs of each chunk of a job.
fn done(pool: &ThreadPool, parts: usize) -> Vec<usize> {
    let counts: Vec<AtomicUsize> = (0..parts).map(|_| AtomicUsize::new(0)).collect();
    pool.run(parts, &|part| {
        counts[part].fetch_add(1, Ordering::Relaxed);
    });
    counts.into_iter().map(AtomicUsize::into_inner).collect()
}

#[test]
fn every_chunk_runs_once() {
    for size in [1, 2, 3, 8] {
        let pool = ThreadPool::start(size).unwrap();
        assert_eq!(pool.size(), size);
        for round in 0..3000 {
            let parts = round % 40;
            assert_eq!(done(&pool, parts), vec![1; parts], "{size} threads, round {round}");
            if round % 500 == 0 {
                // Long enough for all to fall asleep.
                std::thread::sleep(Duration::from_millis(2));
            }
        }
        let parts = 150_000;
        assert_eq!(done(&pool, parts), vec![1; parts], "more parts than one job has");
    }
}

#[test]
fn all_chunks_are_done_when_run_returns() {
    let pool = ThreadPool::start(4).unwrap();
    for round in 1..500 {
        let numbers: Vec<AtomicUsize> = (0..64).map(|_| AtomicUsize::new(0)).collect();
        pool.run(64, &|part| numbers[part].store(part * round, Ordering::Relaxed));
        let numbers: Vec<usize> = numbers.into_iter().map(AtomicUsize::into_inner).collect();
        assert!(numbers.iter().enumerate().all(|(part, &number)| number == part * round));
    }
}

#[test]
fn workers_may_start_late_or_never() {
    let pool = ThreadPool::with_threads(3);
    assert_eq!(done(&pool, 20), vec![1; 20]);
    let member = pool.worker();
    let late = std::thread::spawn(move || member.work());
    for _ in 0..2000 {
        assert_eq!(done(&pool, 20), vec![1; 20]);
    }
    drop(pool);
    late.join().unwrap();
}

#[test]
fn a_panic_reaches_the_caller_and_the_pool_goes_on() {
    let pool = ThreadPool::start(3).unwrap();
    for wrong in 0..12 {
        let others = AtomicUsize::new(0);
        let run = || {
            pool.run(12, &|part| match part == wrong {
                true => std::panic::resume_unwind(Box::new(format!("part {part}"))),
                false => _ = others.fetch_add(1, Ordering::Relaxed),
            })
        };
        let panic = catch_unwind(AssertUnwindSafe(run)).unwrap_err();
        assert_eq!(panic.downcast_ref::<String>().unwrap(), &format!("part {wrong}"));
        assert_eq!(others.into_inner(), 11, "the others were over before");
        assert_eq!(done(&pool, 12), vec![1; 12]);
    }
}

#[test]
fn lost_worker_is_reported_and_not_waited_for() {
    let pool = ThreadPool::with_threads(2);
    let member = pool.worker();
    let helper = pool.worker();
    let caller = std::thread::current().id();
    let taken = AtomicUsize::new(0);
    std::thread::spawn(move || helper.work());
    let lost = catch_unwind(AssertUnwindSafe(|| {
        pool.run(2, &|_| {
            if std::thread::current().id() != caller {
                taken.store(1, Ordering::Relaxed);
                member.mark_lost();
                loop {
                    std::thread::park();
                }
            }
            // Leaves the other chunk to the worker.
            while taken.load(Ordering::Relaxed) == 0 {
                std::thread::yield_now();
            }
        })
    }));
    assert!(lost.unwrap_err().downcast_ref::<&str>().unwrap().contains("found one that was lost"));
    // Its thread still has the chunk, and the data that the chunk borrows.
    std::mem::forget(pool);
}

#[test]
fn nested_and_concurrent_jobs_are_done() {
    let pool = ThreadPool::start(3).unwrap();
    let count = AtomicUsize::new(0);
    let job = || {
        for _ in 0..300 {
            pool.run(7, &|_| pool.run(5, &|_| _ = count.fetch_add(1, Ordering::Relaxed)));
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(job);
        job();
    });
    assert_eq!(count.into_inner(), 2 * 300 * 7 * 5);
}

#[cfg(target_os = "linux")]
#[test]
fn idle_workers_sleep() {
    let pool = ThreadPool::with_threads(3);
    for _ in 0..2 {
        let member = pool.worker();
        std::thread::Builder::new().name("idle member".into()).spawn(move || member.work()).unwrap();
    }
    for _ in 0..3 {
        done(&pool, 8);
        // Blocked in the kernel, which wakes them for the next job only.
        let started = Instant::now();
        while states_of("idle member") != ["S", "S"] {
            assert!(started.elapsed() < PATIENCE, "still busy: {:?}", states_of("idle member"));
            std::thread::yield_now();
        }
    }
}

/// The scheduler's states of the threads of that name.
#[cfg(target_os = "linux")]
fn states_of(name: &str) -> Vec<String> {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let stats = tasks.filter_map(|task| std::fs::read_to_string(task.unwrap().path().join("stat")).ok());
    let named = stats.filter(|stat| stat.contains(&format!("({name})")));
    named.map(|stat| stat.rsplit(')').next().unwrap().trim().split(' ').next().unwrap().to_string()).collect()
}

/// `cargo test --release --test native -- --ignored --nocapture cost_of_a_job`
#[test]
#[ignore = "measures"]
fn cost_of_a_job() {
    for size in [1, 2] {
        let pool = ThreadPool::start(size).unwrap();
        for work in [0, 1_000, 10_000, 50_000, 200_000] {
            let mut times: Vec<f64> = (0..2000)
                .map(|_| {
                    let start = Instant::now();
                    pool.run(4, &|part| {
                        let mut x = part as f64;
                        (0..work / 4).for_each(|_| x = std::hint::black_box(x * 1.0001));
                        std::hint::black_box(x);
                    });
                    start.elapsed().as_secs_f64() * 1e6
                })
                .collect();
            times.sort_by(f64::total_cmp);
            println!("{size} threads, {work} steps: {:.1} µs, 90 %: {:.1} µs", times[1000], times[1800]);
        }
    }
}

//! Statistics of labelled images, each with its 95 % interval: quantiles, AUROC, calibration, entropy, the bootstrap.

mod auroc;
mod bootstrap;
mod calibration;
mod distribution;
mod entropy;
mod quantile;

pub use auroc::auroc;
pub use bootstrap::{Estimate, Resamples, RESAMPLES, SEED};
pub use calibration::{brier, ece_equal_width, negative_log_likelihood, Bin, Calibration};
pub use distribution::Distribution;
pub use entropy::{joint_energy, largest, max, normalised_entropy};
pub use quantile::quantile;

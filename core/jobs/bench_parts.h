#pragma once

#include "jobs/bench.h"

#include <functional>
#include <limits>
#include <utility>

namespace clipscope::jobs {

/// One thing to time in every round.
struct Contestant
{
    std::string name, unit;
    double amount = 0.0; ///< of unit * seconds per call
    std::function<Status()> work;
    double operations = 0.0; ///< arithmetic per call, to be compared with a matrix product; 0: none
    double best = std::numeric_limits<double>::infinity(); ///< seconds, set by race()
};

/// Work that cannot fail, for a Contestant.
template<typename Work> std::function<Status()> sure(Work work)
{
    return [work = std::move(work)]() -> Status {
        work();
        return {};
    };
}

/// Seconds that `work` takes.
double secondsOf(const std::function<void()>& work);

/// Calls all in turn, once to warm up and then `rounds` times; the fastest call of each counts, to
/// the end of what it began on `device`.
/// Errors: Cancelled, what the works return.
Status race(std::vector<Contestant>& all, const std::string& phase, std::int64_t rounds,
    JobContext context, at::Device device = at::kCPU);

/// The product of two square matrices in each type, which stands for the machine's peak.
std::vector<Contestant> matrixProducts(const BenchSettings& settings, at::Device device = at::kCPU);

/// "float32" or "bfloat16".
std::string typeName(at::ScalarType type);

/// Where the networks run. Errors: Unsupported.
Result<at::Device> deviceOf(const BenchSettings& settings);

/// Rates of all in order, then the arithmetic of those that say how much they do, as a share of the
/// matrix product whose type their name ends with.
std::vector<Measurement> ratesOf(const std::vector<Contestant>& all);
/// Sets the ratio of one line to another, both named.
void compare(std::vector<Measurement>& lines, const std::string& name, const std::string& against);

/// The parts: each takes the settings of its name. Errors: as runBench().
Result<std::vector<Measurement>> benchEncoder(const BenchSettings& settings, JobContext context);
Result<std::vector<Measurement>> benchTowers(const BenchSettings& settings, JobContext context);
Result<std::vector<Measurement>> benchTrain(const BenchSettings& settings, JobContext context);
Result<std::vector<Measurement>> benchS3d(const BenchSettings& settings, JobContext context);
Result<std::vector<Measurement>> benchExtract(const BenchSettings& settings, JobContext context);
Result<std::vector<Measurement>> benchTokenizer(const BenchSettings& settings, JobContext context);
Result<std::vector<Measurement>> benchSearch(const BenchSettings& settings, JobContext context);
Result<std::vector<Measurement>> benchLabelling(const BenchSettings& settings, JobContext context);
Result<std::vector<Measurement>> benchSampler(const BenchSettings& settings, JobContext context);

} // namespace clipscope::jobs

#pragma once

#include "base/job_context.h"
#include "base/json.h"
#include "base/result.h"
#include "base/settings.h"
#include "tensor/device.h"

#include <cstdint>
#include <string>
#include <vector>

namespace clipscope::jobs {

/// What `clipscope-cli bench` can measure.
enum class BenchPart {
    Encoder, ///< the starter's image encoder, float32 and bfloat16
    Towers, ///< VideoCLIP's towers against the same maths on padded batches
    Train, ///< a whole step of training against the same written operation by operation
    S3d, ///< the video encoder against stock LibTorch
    Extract, ///< decoding, network and extraction of real films, FFmpeg beside them
    Tokenizer, ///< WordPiece over a transcript
    Search, ///< a query over generated seconds, LibTorch and FAISS beside it
    Labelling, ///< a video of generated seconds labelled, and again with an edited wording
    Sampler, ///< data at the paper's scale: generated captions, batches, memory
};
/// Words of the command line, in the order of the enumerators.
std::vector<std::string> benchPartNames();

/// One line of the benchmark table.
struct Measurement
{
    std::string name; ///< "encoder, bfloat16"
    double value = 0.0;
    std::string unit; ///< "frames/s"
    double ratio = 0.0; ///< of the line named by `against`; 0 when there is none
    std::string against;
    std::string part; ///< of benchPartNames(); set by runBench()
};
/// {"part", "name", "value", "unit"[, "ratio", "against"]}.
Json toJson(const Measurement& measurement);

/// Settings of `clipscope-cli bench`.
struct BenchSettings
{
    std::int64_t rounds = 3;
    tensor::DeviceWish device = tensor::DeviceWish::Auto; ///< encoder, towers, train and s3d
    std::int64_t matrixSize = 0; ///< 0: 2048 on the CPU, 8192 on a graphics card
    std::int64_t batchFrames = 16;
    std::int64_t pairs = 128;
    std::int64_t clips = 1; ///< seconds of film the video encoder gets at once
    std::int64_t querySeconds = 360'000; ///< generated for the query, 100 hours
    std::int64_t queryWidth = 768; ///< numbers per generated second
    std::int64_t labelledSeconds = 10'800; ///< generated for the labels, 3 hours
    std::int64_t labels = 50;
    std::int64_t transcriptMegabytes = 8;
    std::string films; ///< folder whose videos are extracted
    std::int64_t sampledVideos = 1'100'000; ///< generated, with 110 captions each on average
    std::int64_t sampledBatches = 1000; ///< of 32 videos with 16 pairs each
};
void describe(SettingsVisitor& visitor, BenchSettings& settings);

/// Measures the parts one after another; no parts: all but Sampler, without those whose films or
/// models are not on this machine, which the log names. Within a part everything is measured in
/// turn in every round and the fastest round counts: other work on the machine slows all lines
/// alike. The machine's peak is the product of two square matrices, measured in the same rounds.
/// Where a part compares two ways of computing one thing, the results are compared too.
/// Errors: NotFound (films or models that a named part needs), Internal (results differ),
/// Unsupported (no graphics card where one is asked for), OutOfMemory, Cancelled.
/// Cost: towers and search take some 10 GB and 2.2 GB of memory with the default sizes; sampler
/// takes 8 GB in the folder for temporary files and some minutes.
Result<std::vector<Measurement>> runBench(
    const std::vector<BenchPart>& parts, const BenchSettings& settings, JobContext context);

} // namespace clipscope::jobs

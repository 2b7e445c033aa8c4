#pragma once

#include "base/job_context.h"
#include "base/json.h"
#include "base/result.h"
#include "base/settings.h"

#include <cstdint>
#include <string>
#include <vector>

namespace clipscope::jobs {

enum class WeightsKindWish { Auto, VideoClip, S3d, Bert };

/// Settings of `clipscope-cli import-weights`.
struct ImportWeightsSettings
{
    std::filesystem::path file;
    std::filesystem::path output; ///< empty: the kind's usual name in modelsFolder()
    WeightsKindWish kind = WeightsKindWish::Auto;
    std::string vocabulary; ///< file; empty: vocab.txt beside `file`, when there is one that fits
    std::int64_t heads = 0; ///< 0: as the width or config.json beside `file` tells
};
void describe(SettingsVisitor& visitor, ImportWeightsSettings& settings);

/// What a file turned out to be.
enum class WeightsKind {
    VideoClip, ///< both towers: fairseq checkpoint, or one of ours
    S3d, ///< video encoder, with or without its text head
    S3dWords, ///< words of the S3D text head, without weights
    Bert, ///< text encoder: BERT, MiniLM
};
/// "videoclip", "s3d", "s3d-words", "bert": `clipscope.kind` of the file written.
std::string_view weightsKindName(WeightsKind kind);

struct ImportWeightsReport
{
    struct Tensor
    {
        std::string name; ///< in the output
        std::string type; ///< "F32", "F16", ...
        std::vector<std::int64_t> shape;
    };
    struct NotFinite
    {
        std::string name; ///< in the output
        std::int64_t count = 0; ///< NaN and infinite numbers
    };

    std::filesystem::path file, output;
    WeightsKind kind = WeightsKind::VideoClip;
    std::string format; ///< "torch-zip", "torch-stream", "safetensors" or "npy"
    std::string sha256; ///< of `file`
    std::string prefix; ///< that names in `file` have and names in `output` have not
    std::uint64_t bytes = 0, outputBytes = 0;
    std::vector<Tensor> written; ///< those of the network, then those kept besides
    std::int64_t matched = 0; ///< weights of the network, all of which are there
    std::vector<std::string> kept; ///< further tensors written: S3D text head, COIN classifier
    std::vector<std::string> leftOut; ///< known and never used: poolers, counters
    std::vector<std::string> unexpected; ///< unknown and left out
    std::vector<NotFinite> notFinite;
    std::string config; ///< JSON; empty when the kind has none or it could not be told
    std::int64_t words = 0; ///< of the vocabulary or word list that went into the file
    std::vector<std::string> notes;
    double elapsedSeconds = 0.0;
};
Json toJson(const ImportWeightsReport& report);

/// Converts a published file of weights into the safetensors file that our loaders read: the same
/// numbers, bit for bit, under the names of docs/formats/weights.md, with provenance in the
/// metadata. Nothing in the file is ever run.
///
/// Memory: stays below the size of the file and some 100 MB; the file is mapped.
/// Errors: BadInput (no known kind; weights missing or of another shape, named; damaged; asks for a
/// forbidden class), Unsupported, NotFound, Io, Cancelled. The output is untouched then.
Result<ImportWeightsReport> runImportWeights(
    const ImportWeightsSettings& settings, JobContext context);

} // namespace clipscope::jobs

#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace clipscope::store {

/// Feature files of another program that stay where they are: one NAME.npy for each video of a
/// caption shard (docs/formats/captions.md).
struct AdoptedFeatures
{
    std::string folder; ///< absolute, UTF-8
    std::string encoder; ///< what made them: "s3d"
    std::string content; ///< CaptionOrigin::content of the shard; 32 bytes at most
    std::int64_t width = 0; ///< numbers per second
    /// Of each video, in the order of the shard; 0: there is no usable file.
    std::vector<std::uint32_t> seconds;

    bool operator==(const AdoptedFeatures&) const = default;
};

/// Replaces `file`. Errors: Io; the old file is untouched.
Status writeAdoptedFeatures(const std::filesystem::path& file, const AdoptedFeatures& features);
/// Errors: NotFound, Io; Unsupported (newer format); BadInput with the byte when it is damaged.
Result<AdoptedFeatures> readAdoptedFeatures(const std::filesystem::path& file);

} // namespace clipscope::store

#pragma once

#include "base/result.h"
#include "data/caption_tokens.h"
#include "data/feature_source.h"
#include "store/adopted_features.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace clipscope::store {
class Project;
}

namespace clipscope::data {

/// A source of captioned videos that are not in the catalogue: P/captions/NAME/ with the shard of
/// their captions and the list of their feature files.
struct NamedSource
{
    std::filesystem::path captions, features;
};
NamedSource namedSource(const store::Project& project, std::string_view name);

/// The id of a video that has none but its name: depends on the name alone. Range: at least 0.
std::int64_t videoIdOf(std::string_view name);

/// What stands in a feature file, [seconds, width] float16 or float32.
struct FeatureFile
{
    std::int64_t seconds = 0, width = 0;
};
/// Reads the header alone. Errors: NotFound, Io; BadInput naming the file when it is no .npy, is
/// cut off, has another number type or not two dimensions.
Result<FeatureFile> featureFile(const std::filesystem::path& file);
/// FOLDER/NAME.npy. Errors: BadInput when the name would lead out of the folder.
Result<std::filesystem::path> featurePath(
    const std::filesystem::path& folder, std::string_view name);

/// Feature files that are opened when they are needed.
class FolderFeatures final : public FeatureSource
{
public:
    explicit FolderFeatures(const store::AdoptedFeatures& features);
    std::int64_t width() const override { return m_width; }
    std::string fingerprint() const override;
    Result<at::Tensor> vectors(
        std::int64_t videoId, std::string_view name, std::int64_t seconds) const override;

private:
    std::filesystem::path m_folder;
    std::string m_encoder;
    std::int64_t m_width;
};

} // namespace clipscope::data

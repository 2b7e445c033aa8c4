#include "data/named_source.h"

#include "base/files.h"
#include "base/guarded.h"
#include "base/hash.h"
#include "store/project.h"
#include "tensor/npy.h"

#include <ATen/ATen.h>

#include <charconv>

namespace clipscope::data {

namespace {

Result<at::Tensor> mapped(const std::filesystem::path& file)
{
    CLIP_TRY_ASSIGN(const at::Tensor tensor, tensor::readNpy(file));
    if (tensor.dim() != 2
        || (tensor.scalar_type() != at::kHalf && tensor.scalar_type() != at::kFloat))
        return fail(ErrorKind::BadInput,
            "Features are numbers of 16 or 32 bits for each second, this file holds something "
            "else.",
            { file, {} });
    return tensor;
}

} // namespace

NamedSource namedSource(const store::Project& project, std::string_view name)
{
    const std::filesystem::path folder = project.captionsFolder(name);
    return { folder / "captions.shard", folder / "features.list" };
}

std::int64_t videoIdOf(std::string_view name)
{
    std::uint64_t id = 0;
    const std::string hex = hashOf(name);
    std::from_chars(hex.data(), hex.data() + 16, id, 16);
    return static_cast<std::int64_t>(id >> 1);
}

Result<FeatureFile> featureFile(const std::filesystem::path& file)
{
    CLIP_TRY_ASSIGN(const at::Tensor tensor, mapped(file));
    return FeatureFile{ tensor.size(0), tensor.size(1) };
}

Result<std::filesystem::path> featurePath(
    const std::filesystem::path& folder, std::string_view name)
{
    if (name.empty() || name == "." || name == ".." || name.find('/') != std::string_view::npos
        || name.find('\0') != std::string_view::npos)
        return fail(ErrorKind::BadInput,
            "No feature file can have the name \"" + std::string(name) + "\".", { folder, {} });
    return folder / pathFromUtf8(std::string(name) + ".npy");
}

FolderFeatures::FolderFeatures(const store::AdoptedFeatures& features)
    : m_folder(pathFromUtf8(features.folder))
    , m_encoder(features.encoder)
    , m_width(features.width)
{
}

std::string FolderFeatures::fingerprint() const
{
    return "files:" + m_encoder + ":" + std::to_string(m_width);
}

Result<at::Tensor> FolderFeatures::vectors(
    std::int64_t, std::string_view name, std::int64_t seconds) const
{
    CLIP_TRY_ASSIGN(const auto file, featurePath(m_folder, name));
    CLIP_TRY_ASSIGN(const at::Tensor tensor, mapped(file));
    if (tensor.size(0) != seconds || tensor.size(1) != m_width)
        return fail(ErrorKind::BadInput,
            "The features are no longer what was imported: " + std::to_string(tensor.size(0))
                + " seconds of " + std::to_string(tensor.size(1)) + " numbers, not "
                + std::to_string(seconds) + " of " + std::to_string(m_width) + ".",
            { file, {} }, "Import the features again.");
    return tensor;
}

} // namespace clipscope::data

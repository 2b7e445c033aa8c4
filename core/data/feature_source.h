#pragma once

#include "base/result.h"
#include "store/feature_shards.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace clipscope::data {

/// Where the features of a training set come from. Threads: const functions any thread at once.
class FeatureSource
{
public:
    virtual ~FeatureSource() = default;
    virtual std::int64_t width() const = 0; ///< numbers per second
    virtual std::string fingerprint() const = 0; ///< equal means interchangeable
    /// All vectors of a video, [seconds, width] float16 or float32 on the CPU; read-only memory
    /// that the tensor or the source keeps.
    /// Errors: NotFound, Io, BadInput naming the file, when it is not what it was.
    virtual Result<at::Tensor> vectors(
        std::int64_t videoId, std::string_view name, std::int64_t seconds) const = 0;
};

/// The features of a project's encoder.
class ShardFeatures final : public FeatureSource
{
public:
    explicit ShardFeatures(store::FeatureReader reader)
        : m_reader(std::move(reader))
    {
    }
    const store::FeatureReader& reader() const { return m_reader; }
    std::int64_t width() const override { return m_reader.manifest().dim; }
    std::string fingerprint() const override { return m_reader.manifest().fingerprint; }
    Result<at::Tensor> vectors(
        std::int64_t videoId, std::string_view name, std::int64_t seconds) const override;

private:
    store::FeatureReader m_reader;
};

} // namespace clipscope::data

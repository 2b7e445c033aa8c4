#pragma once

#include "base/random.h"
#include "tensor/tensor_file.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clipscope::tensor {

struct NamedTensor
{
    std::string name;
    at::Tensor tensor; ///< a handle: shares the value with the network that registered it
};

/// The weights of a network by their checkpoint names, in order of registration.
/// Handles are shared: a step of an optimiser on all()[i].tensor changes the network.
/// Threads: one thread at a time; const access from any thread.
class ParameterSet final
{
public:
    /// Registers a weight of this shape (float32, CPU, not initialised) and returns its handle.
    at::Tensor add(std::string name, at::IntArrayRef shape);
    /// Registers all of `other` as prefix + name.
    void include(std::string_view prefix, const ParameterSet& other);

    const std::vector<NamedTensor>& all() const { return m_all; }
    /// An undefined tensor when there is none of that name.
    at::Tensor find(std::string_view name) const;
    std::int64_t elementCount() const;

    /// Moves the values; handles stay valid. Gradients are dropped.
    void moveTo(at::Device device, at::ScalarType type);
    void setRequiresGrad(bool required);
    void dropGradients();
    /// Random start of BERT: matrices normal(0, deviation), biases 0, LayerNorm 1 and 0.
    void initialise(Random random, double deviation = 0.02);
    /// Current values as float32 CPU copies under prefix + name, for a checkpoint.
    void exportTo(TensorFile& file, std::string_view prefix = {}) const;

private:
    std::vector<NamedTensor> m_all;
};

/// What a load did not find or did not use.
struct LoadReport
{
    std::vector<std::string> missing; ///< weights of the network the file lacks
    std::vector<std::string>
        unexpected; ///< tensors of the file (below the prefix) nobody asked for
    std::vector<std::string> wrongShape; ///< "name: file [2, 3], network [2, 4]"
    bool complete() const { return missing.empty() && wrongShape.empty(); }
    /// At most five names of each kind in one sentence; "" when there is nothing to tell.
    std::string toString() const;
};

struct LoadOptions
{
    std::string prefix; ///< names in the file are prefix + name
    /// Parts of names that checkpoints carry and networks do not use: not reported as unexpected.
    std::vector<std::string> unused = { "position_ids", "pooler.", "num_batches_tracked" };
    /// Share memory with the file where type and device allow: for inference only, the weights
    /// are then read-only.
    bool share = false;
};

/// Copies the tensors of `file` into the network by name; converts to the weights' type and device.
/// Missing and unexpected names are no error here: the caller decides by the report.
/// Threads: one thread at a time for one set.
LoadReport loadInto(ParameterSet& parameters, const TensorFile& file, const LoadOptions& options);

/// As loadInto(), and BadInput naming what is missing when the network is not complete.
Result<LoadReport> loadAll(ParameterSet& parameters, const TensorFile& file,
    const LoadOptions& options, const std::filesystem::path& fileName);

/// The prefix under which the file holds `name` ("", "mmmodel.", "model.mmmodel.", ...): the
/// shortest P such that P + name is in the file. Nothing when no tensor ends with the name.
std::optional<std::string> prefixOf(const TensorFile& file, std::string_view name);

} // namespace clipscope::tensor

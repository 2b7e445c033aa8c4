#include "tensor/parameters.h"

#include "base/guarded.h"
#include "base/require.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

namespace clipscope::tensor {

namespace {

std::string shapeText(at::IntArrayRef shape)
{
    std::string text = "[";
    for (const std::int64_t size : shape)
        text += (text.size() > 1 ? ", " : "") + std::to_string(size);
    return text + "]";
}

std::string listed(std::string_view title, const std::vector<std::string>& names)
{
    if (names.empty())
        return {};
    constexpr std::size_t shown = 5;
    std::string text = std::string(title) + " ";
    for (std::size_t i = 0; i < std::min(shown, names.size()); ++i)
        text += (i > 0 ? ", " : "") + names[i];
    if (names.size() > shown)
        text += " and " + std::to_string(names.size() - shown) + " more";
    return text;
}

bool isNorm(std::string_view name)
{
    return name.find("LayerNorm") != std::string_view::npos;
}

} // namespace

at::Tensor ParameterSet::add(std::string name, at::IntArrayRef shape)
{
    CLIP_REQUIRE(!find(name).defined(), name);
    m_all.push_back({ std::move(name), at::empty(shape, at::kFloat) });
    return m_all.back().tensor;
}

void ParameterSet::include(std::string_view prefix, const ParameterSet& other)
{
    for (const NamedTensor& item : other.m_all)
        m_all.push_back({ std::string(prefix) + item.name, item.tensor });
}

at::Tensor ParameterSet::find(std::string_view name) const
{
    const auto found = std::find_if(m_all.begin(), m_all.end(),
        [&](const NamedTensor& candidate) { return candidate.name == name; });
    return found == m_all.end() ? at::Tensor() : found->tensor;
}

std::int64_t ParameterSet::elementCount() const
{
    std::int64_t count = 0;
    for (const NamedTensor& item : m_all)
        count += item.tensor.numel();
    return count;
}

void ParameterSet::moveTo(at::Device device, at::ScalarType type)
{
    const at::NoGradGuard noGrad;
    for (NamedTensor& item : m_all) {
        item.tensor.mutable_grad() = at::Tensor();
        item.tensor.set_data(item.tensor.to(device, type));
    }
}

void ParameterSet::setRequiresGrad(bool required)
{
    for (NamedTensor& item : m_all)
        item.tensor.set_requires_grad(required);
}

void ParameterSet::dropGradients()
{
    for (NamedTensor& item : m_all)
        item.tensor.mutable_grad() = at::Tensor();
}

void ParameterSet::initialise(Random random, double deviation)
{
    const at::NoGradGuard noGrad;
    for (NamedTensor& item : m_all) {
        if (item.name.ends_with("bias")) {
            item.tensor.zero_();
        } else if (isNorm(item.name)) {
            item.tensor.fill_(1.0);
        } else {
            // Box-Muller over our own generator: the same weights from the same seed everywhere.
            const at::Tensor values = at::empty(item.tensor.sizes(), at::kFloat);
            float* out = values.mutable_data_ptr<float>();
            for (std::int64_t i = 0; i < values.numel(); ++i) {
                const double radius = std::sqrt(-2.0 * std::log(1.0 - random.uniform()));
                const double angle = 2.0 * std::numbers::pi * random.uniform();
                out[i] = static_cast<float>(deviation * radius * std::cos(angle));
            }
            item.tensor.copy_(values);
        }
    }
}

void ParameterSet::exportTo(TensorFile& file, std::string_view prefix) const
{
    for (const NamedTensor& item : m_all)
        file.tensors[std::string(prefix) + item.name]
            = item.tensor.detach().to(at::kCPU, at::kFloat, false, true);
}

std::string LoadReport::toString() const
{
    std::string text;
    for (const std::string& part : { listed("missing:", missing),
             listed("of another shape:", wrongShape), listed("not used:", unexpected) })
        if (!part.empty())
            text += (text.empty() ? "" : "; ") + part;
    return text;
}

LoadReport loadInto(ParameterSet& parameters, const TensorFile& file, const LoadOptions& options)
{
    const at::NoGradGuard noGrad;
    LoadReport report;
    std::set<std::string, std::less<>> used;
    for (const NamedTensor& item : parameters.all()) {
        const auto found = file.tensors.find(options.prefix + item.name);
        if (found == file.tensors.end()) {
            report.missing.push_back(item.name);
            continue;
        }
        used.insert(found->first);
        const at::Tensor& value = found->second;
        if (value.sizes() != item.tensor.sizes()) {
            report.wrongShape.push_back(item.name + ": file " + shapeText(value.sizes())
                + ", network " + shapeText(item.tensor.sizes()));
            continue;
        }
        at::Tensor target = item.tensor;
        if (options.share)
            target.set_data(value.to(target.device(), target.scalar_type()));
        else
            target.copy_(value);
    }
    for (const auto& [name, value] : file.tensors) {
        if (!name.starts_with(options.prefix) || used.contains(name))
            continue;
        const std::string_view rest = std::string_view(name).substr(options.prefix.size());
        if (std::none_of(options.unused.begin(), options.unused.end(),
                [&](const std::string& part) { return rest.find(part) != rest.npos; }))
            report.unexpected.push_back(std::string(rest));
    }
    return report;
}

Result<LoadReport> loadAll(ParameterSet& parameters, const TensorFile& file,
    const LoadOptions& options, const std::filesystem::path& fileName)
{
    return guarded([&]() -> Result<LoadReport> {
        LoadReport report = loadInto(parameters, file, options);
        if (!report.complete())
            return fail(ErrorKind::BadInput,
                "The file does not hold the weights of this network: " + report.toString() + ".",
                { fileName, options.prefix.empty() ? "" : "tensors named " + options.prefix + "*" },
                "Take a checkpoint of the same kind and size.");
        return report;
    });
}

std::optional<std::string> prefixOf(const TensorFile& file, std::string_view name)
{
    std::optional<std::string> best;
    for (const auto& [full, value] : file.tensors) {
        if (!full.ends_with(name))
            continue;
        std::string prefix = full.substr(0, full.size() - name.size());
        const bool wholeWord = prefix.empty() || prefix.back() == '.';
        if (wholeWord && (!best || prefix.size() < best->size()))
            best = std::move(prefix);
    }
    return best;
}

} // namespace clipscope::tensor

#pragma once

#include "base/json.h"
#include "base/random.h"
#include "model/efficientnet_lite.h"
#include "support/made_up_films.h"
#include "tasks/starter.h"
#include "tensor/tensor_file.h"

#include <ATen/ATen.h>

#include <cmath>

namespace clipscope::test {

/// Writes a starter.safetensors of the right form with random weights: enough to extract and to
/// search, quick to make, and it knows nothing.
inline Status writeMadeUpStarter(const std::filesystem::path& path)
{
    tensor::TensorFile file;
    std::uint64_t key = 0;
    const auto random = [&key](const std::vector<std::int64_t>& shape, double size) {
        Random draws({ 5, ++key });
        const at::Tensor values = at::empty(shape, at::kFloat);
        float* out = values.mutable_data_ptr<float>();
        for (std::int64_t i = 0; i < values.numel(); ++i)
            out[i] = static_cast<float>(size * (2.0 * draws.uniform() - 1.0));
        return values;
    };
    for (const auto& [name, shape] : model::efficientNetLite0Shapes()) {
        at::Tensor& value = file.tensors["encoder." + name];
        if (name.ends_with("running_var")
            || (name.find("bn") != std::string::npos && name.ends_with("weight")))
            value = at::ones(shape, at::kFloat);
        else if (shape.size() == 1)
            value = at::zeros(shape, at::kFloat);
        else
            value
                = random(shape, 2.0 / std::sqrt(static_cast<double>(at::empty(shape)[0].numel())));
    }
    model::TextTower text(tasks::starterTextConfig());
    text.parameters().initialise(Random({ 6 }));
    text.parameters().exportTo(file, "text.");
    file.tensors["concept.meanings"] = random({ 1000, 384 }, 0.1);
    file.tensors["concept.mean"] = random({ 384 }, 0.02);
    file.tensors["concept.basis"] = random({ 1000, 384 }, 0.03);
    file.metadata["clipscope.kind"] = "starter";
    file.metadata["clipscope.config"] = "{\"format\": 2}";
    file.metadata["clipscope.vocabulary"] = madeUpVocabulary();
    return tensor::writeSafetensors(path, file);
}

} // namespace clipscope::test

#include "base/json.h"
#include "model/video_clip.h"
#include "support/test_device.h"
#include "support/verify.h"
#include "tensor/tensor_file.h"
#include "train/optimiser.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <cmath>

using namespace clipscope;

namespace {

/// Relative to the larger of the value and 1.
bool close(double found, double expected, double bound)
{
    return std::abs(found - expected) <= bound * std::max(1.0, std::abs(expected));
}

/// The text tower sees the collator's rows without their second column ([SEP]).
at::Tensor withoutSecondColumn(const at::Tensor& rows)
{
    return at::cat({ rows.narrow(1, 0, 1), rows.narrow(1, 2, rows.size(1) - 2) }, 1);
}

model::VideoClipConfig configFrom(const Json& sizes)
{
    const auto size = [&](const char* name) { return sizes[name].get<std::int64_t>(); };
    model::BertConfig bert;
    bert.vocabulary = size("vocab_size");
    bert.width = size("hidden_size");
    bert.heads = size("num_attention_heads");
    bert.feedForward = size("intermediate_size");
    bert.positions = size("max_position_embeddings");
    bert.tokenTypes = size("type_vocab_size");
    bert.layerNormEps = sizes["layer_norm_eps"].get<double>();
    bert.dropout = sizes["hidden_dropout_prob"].get<double>();
    model::VideoClipConfig config;
    config.video.bert = config.text.bert = bert;
    config.video.bert.layers = size("video_layers");
    config.text.bert.layers = size("text_layers");
    config.video.inputWidth = size("video_input_dim");
    config.video.maxSeconds = size("max_video_len");
    config.video.clsId = size("cls_id");
    config.video.sepId = size("sep_id");
    config.text.maxTokens = size("max_len") - size("max_video_len") - 3;
    return config;
}

} // namespace

class TestTrainingTrace final : public QObject
{
    Q_OBJECT

private:
    tensor::TensorFile m_io;

    model::ContrastiveLoss lossOf(const model::VideoClip& network, const std::string& batch) const
    {
        const auto io = [&](const char* name) { return m_io.tensors.at(batch + "." + name); };
        return model::contrastiveLoss(
            network.video().encode(io("vfeats"), io("vmasks").to(at::kBool)),
            network.text().encode(
                withoutSecondColumn(io("caps")), withoutSecondColumn(io("cmasks")).to(at::kBool)));
    }

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void everyStepIsThatOfTheReference()
    {
        constexpr double bound = 1e-4;
        at::set_num_threads(1); // so small a model only loses by more
        const auto folder = test::fixturesFolder();
        if (!std::filesystem::exists(folder / "videoclip_tiny.json"))
            QSKIP("the parity fixtures are not here; set CLIPSCOPE_FIXTURES");
        const auto device = test::testDevice();
        if (!device)
            QSKIP(device.error().message.c_str());
        const auto json = readJson(folder / "videoclip_tiny.json");
        QVERIFY_RESULT(json);
        const Json& training = (*json)["training"];
        auto io = tensor::readSafetensors(folder / "videoclip_tiny_io.safetensors");
        QVERIFY_RESULT(io);
        m_io = std::move(*io);
        for (auto& [name, tensor] : m_io.tensors)
            tensor = tensor.to(*device);
        const auto weights = tensor::readSafetensors(folder / "videoclip_tiny.safetensors");
        QVERIFY_RESULT(weights);
        model::VideoClip network(configFrom((*json)["config"]));
        QVERIFY_RESULT(
            tensor::loadAll(network.parameters(), *weights, {}, "videoclip_tiny.safetensors"));
        network.parameters().moveTo(*device, at::kFloat);
        network.parameters().setRequiresGrad(true);
        network.setTraining(true);

        const train::Schedule schedule{ training["lr"].get<double>(),
            training["warmup_updates"].get<std::int64_t>(),
            training["total_updates"].get<std::int64_t>() };
        train::Adam adam(network.parameters().all(),
            { training["betas"][0].get<double>(), training["betas"][1].get<double>(),
                training["eps"].get<double>() });
        const auto maxNorm = training["clip_norm"].get<double>();
        QVERIFY(training["trace"].size() > 0);
        for (const Json& row : training["trace"]) {
            network.parameters().dropGradients();
            const auto loss = lossOf(network, "batch" + std::to_string(row["batch"].get<int>()));
            loss.total.backward();
            const double norm = train::gradientNorm(network.parameters().all());
            const double factor = train::clipFactor(norm, maxNorm);
            const double rate = schedule.rateAfter(row["step"].get<std::int64_t>() - 1);
            adam.step(rate, factor);
            const auto tell = [&](const char* what, double found) {
                return QByteArray("step ") + dump(row["step"]).c_str() + ", " + what + ": "
                    + QByteArray::number(found, 'g', 10) + ", not " + dump(row[what]).c_str();
            };
            const double found = loss.total.item<double>();
            QVERIFY2(close(found, row["loss"].get<double>(), bound), tell("loss", found));
            QVERIFY2(close(norm, row["grad_norm"].get<double>(), bound), tell("grad_norm", norm));
            QVERIFY2(
                close(factor, row["clip_coef"].get<double>(), bound), tell("clip_coef", factor));
            QVERIFY2(std::abs(rate - row["lr"].get<double>()) < 1e-12, tell("lr", rate));
        }
        network.setTraining(false);
        for (std::size_t batch = 0; batch < training["loss_after_eval"].size(); ++batch) {
            const double found
                = lossOf(network, "batch" + std::to_string(batch)).total.item<double>();
            QVERIFY(close(found, training["loss_after_eval"][batch].get<double>(), bound));
        }
        checkWeights(network, training["final_weight_checksums"]);
    }

private:
    void checkWeights(const model::VideoClip& network, const Json& checksums) const
    {
        constexpr double bound = 1e-4;
        int compared = 0;
        for (const auto& parameter : network.parameters().all()) {
            // Its true gradient is zero; Adam makes rounding noise of it.
            if (parameter.name.ends_with("attention.self.key.bias"))
                continue;
            const auto found = checksums.find(parameter.name);
            if (found == checksums.end())
                continue;
            const double sum = parameter.tensor.abs().sum(at::kDouble).item<double>();
            QVERIFY2(close(sum, (*found)["abs_sum"].get<double>(), bound), parameter.name.c_str());
            const auto whole = m_io.tensors.find("final." + parameter.name);
            if (whole != m_io.tensors.end())
                QVERIFY2(at::allclose(parameter.tensor, whole->second, bound, bound),
                    parameter.name.c_str());
            ++compared;
        }
        QVERIFY(compared > 50);
    }
};

QTEST_GUILESS_MAIN(TestTrainingTrace)
#include "tst_training_trace.moc"

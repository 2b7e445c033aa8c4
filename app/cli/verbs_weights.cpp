#include "app/cli/verb.h"
#include "base/figures.h"
#include "base/files.h"
#include "jobs/import_weights.h"

#include <algorithm>

namespace clipscope::cli {

namespace {

std::string listed(const std::vector<std::string>& names)
{
    constexpr std::size_t shown = 5;
    std::string text;
    for (std::size_t i = 0; i < std::min(shown, names.size()); ++i)
        text += (i > 0 ? ", " : "") + names[i];
    if (names.size() > shown)
        text += " and " + std::to_string(names.size() - shown) + " more";
    return text;
}

std::string megabytes(std::uint64_t bytes)
{
    return fixed(static_cast<double>(bytes) / 1e6, 1) + " MB";
}

class ImportWeightsVerb final : public Verb
{
public:
    std::string name() const override { return "import-weights"; }
    std::string help() const override
    {
        return "Converts published weights (VideoCLIP, S3D, BERT, MiniLM) to safetensors.";
    }
    void declare(Arguments& arguments) override
    {
        arguments.positional("FILE", m_settings.file,
            "fairseq checkpoint, S3D .pth, model.safetensors, pytorch_model.bin or s3d_dict.npy.");
        arguments.option("--output", m_settings.output,
            "File to write (default: the kind's usual name in the models folder).");
        arguments.settings(m_settings);
    }
    Result<Answer> run(const JobContext& context) override
    {
        CLIP_TRY_ASSIGN(const auto report, jobs::runImportWeights(m_settings, context));
        return Answer{ jobs::toJson(report), describe(report), false };
    }

private:
    static std::string describe(const jobs::ImportWeightsReport& report)
    {
        std::string text = utf8(report.file) + ": " + std::string(weightsKindName(report.kind))
            + ", " + report.format + ", " + megabytes(report.bytes) + "\nSHA-256 " + report.sha256
            + "\n";
        if (report.kind != jobs::WeightsKind::S3dWords)
            text += std::to_string(report.matched) + " weights of the network, all there"
                + (report.prefix.empty() ? "" : " (named " + report.prefix + "*)") + ".\n";
        if (report.words > 0)
            text += std::to_string(report.words) + " words.\n";
        for (const auto& [title, names] :
            { std::pair("Kept besides: ", report.kept), std::pair("Not needed: ", report.leftOut),
                std::pair("Unknown and left out: ", report.unexpected) })
            if (!names.empty())
                text += title + listed(names) + ".\n";
        for (const std::string& note : report.notes)
            text += "Note: " + note + "\n";
        return text + "Written to " + utf8(report.output) + ", " + megabytes(report.outputBytes)
            + ".";
    }

    jobs::ImportWeightsSettings m_settings;
};

} // namespace

void addWeightsVerbs(Verbs& verbs)
{
    verbs.push_back(std::make_unique<ImportWeightsVerb>());
}

} // namespace clipscope::cli

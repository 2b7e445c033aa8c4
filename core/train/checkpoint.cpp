#include "train/checkpoint.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <system_error>
#include <vector>

namespace clipscope::train {

namespace {

namespace fs = std::filesystem;

constexpr const char* stepKey = "clipscope.step";

Status moveTo(const fs::path& from, const fs::path& to)
{
    std::error_code error;
    fs::rename(from, to, error);
    if (error)
        return fail(ErrorKind::Io,
            "The checkpoint could not be given its name: " + error.message() + ".", { to, {} });
    return {};
}

} // namespace

std::optional<std::int64_t> stepOf(const tensor::TensorFile& file)
{
    const auto found = file.metadata.find(stepKey);
    if (found == file.metadata.end())
        return std::nullopt;
    const std::string& text = found->second;
    std::int64_t step = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), step);
    if (error != std::errc() || end != text.data() + text.size() || step < 0)
        return std::nullopt;
    return step;
}

void setStep(tensor::TensorFile& file, std::int64_t step)
{
    file.metadata[stepKey] = std::to_string(step);
}

Status saveLast(
    const fs::path& folder, const tensor::TensorFile& weights, const tensor::TensorFile& state)
{
    std::error_code error;
    fs::create_directories(folder, error);
    CLIP_TRY(tensor::writeSafetensors(folder / "last.next.safetensors", weights));
    CLIP_TRY(tensor::writeSafetensors(folder / "last.next.state.safetensors", state));
    CLIP_TRY(moveTo(folder / "last.next.state.safetensors", folder / "last.state.safetensors"));
    return moveTo(folder / "last.next.safetensors", folder / "last.safetensors");
}

Result<TrainingCheckpoint> loadLast(const fs::path& folder)
{
    struct Candidate
    {
        fs::path path;
        std::int64_t step;
        tensor::TensorFile file;
    };
    std::optional<Error> firstError;
    const auto read = [&](std::initializer_list<const char*> names) {
        std::vector<Candidate> found;
        for (const char* name : names) {
            auto file = tensor::readSafetensors(folder / name);
            if (!file) {
                if (file.error().kind != ErrorKind::NotFound && !firstError)
                    firstError = file.error();
                continue;
            }
            if (const auto step = stepOf(*file))
                found.push_back({ folder / name, *step, std::move(*file) });
        }
        std::stable_sort(found.begin(), found.end(),
            [](const Candidate& a, const Candidate& b) { return a.step > b.step; });
        return found;
    };
    auto weights = read({ "last.safetensors", "last.next.safetensors" });
    auto states = read({ "last.state.safetensors", "last.next.state.safetensors" });
    for (Candidate& weight : weights)
        for (Candidate& state : states)
            if (weight.step == state.step)
                return TrainingCheckpoint{ std::move(weight.file), std::move(state.file),
                    weight.path, state.path };
    if (firstError)
        return fail(std::move(*firstError));
    if (weights.empty() && states.empty())
        return fail(ErrorKind::NotFound, "The run has no checkpoint to go on from.", { folder, {} },
            "Start it anew.");
    return fail(ErrorKind::BadInput,
        "The weights and the state of the optimiser are not of the same step.", { folder, {} },
        "Start a new run with --from and the weights.");
}

Status saveBest(const fs::path& folder, const tensor::TensorFile& weights)
{
    std::error_code error;
    fs::create_directories(folder, error);
    return tensor::writeSafetensors(folder / "best.safetensors", weights);
}

} // namespace clipscope::train

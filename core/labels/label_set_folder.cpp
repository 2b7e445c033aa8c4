#include "labels/label_set_folder.h"

#include "base/files.h"
#include "labels/label_set_file.h"

#include <algorithm>

namespace clipscope::labels {

namespace {

/// A name as a file name: what file systems give a meaning becomes %XX.
std::string fileNameFor(std::string_view name)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string file;
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = byte >= 0x80
            || std::string_view(" -_.,()").find(c) != std::string_view::npos
            || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (plain && !(file.empty() && c == '.')) {
            file += c;
            continue;
        }
        file += '%';
        file += digits[byte >> 4];
        file += digits[byte & 15];
    }
    return file + ".json";
}

} // namespace

std::filesystem::path labelSetsFolder(const std::filesystem::path& project)
{
    return project / "label-sets";
}

Result<std::vector<LabelSet>> labelSetsIn(const std::filesystem::path& folder)
{
    std::vector<LabelSet> sets;
    std::error_code error;
    if (!std::filesystem::exists(folder, error))
        return sets;
    for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
        if (entry->path().extension() != ".json")
            continue;
        CLIP_TRY_ASSIGN(LabelSetFile file, readLabelSet(entry->path(), SetFormat::Json));
        sets.push_back(std::move(file.set));
    }
    if (error)
        return fail(ErrorKind::Io,
            "The folder of label sets cannot be read: " + error.message() + ".", { folder, {} });
    std::ranges::sort(sets, {}, &LabelSet::name);
    return sets;
}

Result<LabelSet> labelSetNamed(const std::filesystem::path& folder, std::string_view name)
{
    CLIP_TRY_ASSIGN(std::vector<LabelSet> sets, labelSetsIn(folder));
    std::string names;
    for (LabelSet& set : sets) {
        if (set.name == name)
            return std::move(set);
        names += (names.empty() ? "" : ", ") + set.name;
    }
    return fail(ErrorKind::NotFound, "The project has no label set \"" + std::string(name) + "\".",
        {}, names.empty() ? "It has none yet." : "It has " + names + ".");
}

Status storeLabelSet(const std::filesystem::path& folder, const LabelSet& set)
{
    if (set.name.empty() || set.name.size() > 80)
        return fail(ErrorKind::BadInput, "A label set needs a name of at most 80 bytes.");
    CLIP_TRY(checkLabelSet(set));
    CLIP_TRY(makeFolder("The folder of label sets", folder));
    return writeLabelSet(folder / pathFromUtf8(fileNameFor(set.name)), set);
}

Status removeLabelSet(const std::filesystem::path& folder, std::string_view name)
{
    const std::filesystem::path file = folder / pathFromUtf8(fileNameFor(name));
    std::error_code error;
    std::filesystem::remove(file, error);
    if (error)
        return fail(ErrorKind::Io, "The label set cannot be removed: " + error.message() + ".",
            { file, {} });
    return {};
}

} // namespace clipscope::labels

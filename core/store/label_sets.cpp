#include "store/label_sets.h"

#include "base/files.h"
#include "base/system_error.h"
#include "labels/label_set_file.h"

#include <algorithm>
#include <system_error>

namespace clipscope::store {

namespace {

constexpr std::string_view forbidden = "/\\:*?\"<>|%";

std::string fileNameOf(std::string_view name)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string file;
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && forbidden.find(c) == std::string_view::npos
            && !(c == '.' && file.empty())) {
            file += c;
        } else {
            file += '%';
            file += digits[byte >> 4U];
            file += digits[byte & 15U];
        }
    }
    return file + ".json";
}

std::filesystem::path folderOf(const std::filesystem::path& project)
{
    return project / "label-sets";
}

auto noSuchSet(const std::filesystem::path& project, std::string_view name)
{
    std::string known;
    if (const auto sets = labelSets(project))
        for (const labels::LabelSet& set : *sets)
            known += (known.empty() ? "" : ", ") + set.name;
    return fail(ErrorKind::NotFound, "The project has no label set " + std::string(name) + ".", {},
        known.empty() ? "Import one with 'clipscope-cli labels sets'." : "It has: " + known + ".");
}

} // namespace

std::filesystem::path labelSetFile(const std::filesystem::path& project, std::string_view name)
{
    return folderOf(project) / pathFromUtf8(fileNameOf(name));
}

Result<std::vector<labels::LabelSet>> labelSets(const std::filesystem::path& project)
{
    std::vector<labels::LabelSet> sets;
    std::error_code missing;
    for (const auto& entry : std::filesystem::directory_iterator(folderOf(project), missing)) {
        if (entry.path().extension() != ".json")
            continue;
        CLIP_TRY_ASSIGN(auto file, labels::readLabelSet(entry.path(), labels::SetFormat::Json));
        sets.push_back(std::move(file.set));
    }
    std::ranges::sort(sets, {}, &labels::LabelSet::name);
    return sets;
}

Result<labels::LabelSet> labelSet(const std::filesystem::path& project, std::string_view name)
{
    auto file = labels::readLabelSet(labelSetFile(project, name), labels::SetFormat::Json);
    if (!file && file.error().kind == ErrorKind::NotFound)
        return noSuchSet(project, name);
    if (!file)
        return fail(std::move(file).error());
    return std::move(file->set);
}

Status saveLabelSet(const std::filesystem::path& project, const labels::LabelSet& set)
{
    if (set.name.empty())
        return fail(ErrorKind::BadInput, "A label set needs a name.");
    CLIP_TRY(labels::checkLabelSet(set));
    std::error_code code;
    std::filesystem::create_directories(folderOf(project), code);
    if (code)
        return fail(systemError(
            "The folder of label sets cannot be made", folderOf(project), code.value()));
    return labels::writeLabelSet(labelSetFile(project, set.name), set);
}

Status removeLabelSet(const std::filesystem::path& project, std::string_view name)
{
    const std::filesystem::path file = labelSetFile(project, name);
    std::error_code code;
    if (!std::filesystem::remove(file, code)) {
        if (code)
            return fail(systemError("The label set cannot be removed", file, code.value()));
        return noSuchSet(project, name);
    }
    return {};
}

} // namespace clipscope::store

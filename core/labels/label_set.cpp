#include "labels/label_set.h"

#include <algorithm>

namespace clipscope::labels {

namespace {

std::string filledIn(std::string_view pattern, std::string_view wording)
{
    const std::size_t gap = pattern.find("{}");
    if (gap == std::string_view::npos)
        return std::string(pattern);
    return std::string(pattern.substr(0, gap)) + std::string(wording)
        + std::string(pattern.substr(gap + 2));
}

} // namespace

std::vector<std::string> Label::spokenWordings() const
{
    return wordings.empty() ? std::vector{ name } : wordings;
}

const Label* LabelSet::label(std::string_view wanted) const
{
    const auto found = std::ranges::find(labels, wanted, &Label::name);
    return found == labels.end() ? nullptr : &*found;
}

std::vector<std::string> LabelSet::textsOf(const Label& label) const
{
    std::vector<std::string> texts;
    const auto add = [&texts](std::string text) {
        if (std::ranges::find(texts, text) == texts.end())
            texts.push_back(std::move(text));
    };
    for (const std::string& wording : label.spokenWordings()) {
        if (templates.empty())
            add(wording);
        for (const std::string& pattern : templates)
            add(filledIn(pattern, wording));
    }
    return texts;
}

} // namespace clipscope::labels

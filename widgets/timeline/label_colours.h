#pragma once

#include "labels/label_set.h"
#include "widgets/common/theme.h"

#include <QColor>
#include <QHash>

#include <string>
#include <string_view>
#include <vector>

namespace clipscope::widgets {

/// The colour of each label of a set: the user's, or else by position, safe for colour-blind eyes.
/// A label that the set does not know is grey.
/// Errors:  none.
/// Threads: const after construction; any thread at once.
class LabelColours final
{
public:
    LabelColours() = default;
    explicit LabelColours(const labels::LabelSet& set);

    /// Position in the set, -1 when it is not there.
    int indexOf(std::string_view label) const;
    QColor colour(int index, bool dark) const;
    QColor colour(std::string_view label, bool dark) const { return colour(indexOf(label), dark); }

private:
    QHash<QByteArray, int> m_index;
    std::vector<std::optional<std::uint32_t>> m_chosen;
};

/// `colour` laid over the panel. Range: share in [0, 1].
QColor overPanel(const QColor& colour, const QColor& panel, double share);

/// The same with as much of the colour, up to `most`, as keeps the theme's text readable on it
/// (a contrast of 4.5).
QColor readableFill(const QColor& colour, const Tokens& theme, double most);

/// The colour of lines on the panel: as it is, or with as much of the text's colour as gives it a
/// contrast of 3.
QColor visibleLine(const QColor& colour, const Tokens& theme);

} // namespace clipscope::widgets

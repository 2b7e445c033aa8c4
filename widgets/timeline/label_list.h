#pragma once

#include "labels/label_set.h"

#include <QHash>
#include <QWidget>

#include <memory>
#include <optional>

namespace clipscope::widgets {

/// The labels of a set with colour, wordings, key, seconds in the video and threshold, for reading
/// and editing in place.
///
/// Every change is emitted as a whole new set and shown at once; setLabelSet() may refuse it by
/// giving the old one back. Double click or F2 edits in place, a click on the colour offers others,
/// a slider is dragged where it is, rows are dragged into another order.
/// Keys: Enter (labelChosen()), Alt+Up, Alt+Down (order), Delete (the label, or on a threshold
/// that), Space on the colour. Errors:  a name or a key that another label has is refused with a
/// line under the list. Threads: GUI thread only.
class LabelList final : public QWidget
{
    Q_OBJECT

public:
    explicit LabelList(QWidget* parent = nullptr);
    ~LabelList() override;

    /// Selection stays by name.
    void setLabelSet(const labels::LabelSet& set);
    const labels::LabelSet& labelSet() const;
    /// Seconds that carry each label, by its name; labels without an entry show none.
    void setSeconds(const QHash<QString, double>& seconds);
    /// The range of the threshold sliders and where those without an own threshold stand; nothing
    /// hides the column.
    struct Thresholds
    {
        double lowest = 0.0, highest = 1.0;
        double common = 0.0; ///< of labels without their own
        bool operator==(const Thresholds&) const = default;
    };
    void setThresholds(std::optional<Thresholds> thresholds);

    QString currentLabel() const; ///< empty: none
    void setCurrentLabel(const QString& name);

Q_SIGNALS:
    void labelSetEdited(const clipscope::labels::LabelSet& set);
    void currentLabelChanged(const QString& name);
    /// Enter, or by the context menu: give this label to what is selected.
    void labelChosen(const QString& name);

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

/// The key that gives a label: its own, or else 1 to 9 and 0 by position where no other label has
/// taken that digit; empty further down.
QString keyOf(const labels::LabelSet& set, std::size_t index);

} // namespace clipscope::widgets

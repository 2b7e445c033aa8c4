#pragma once

#include <QHBoxLayout>

#include <vector>

namespace clipscope::widgets {

/// A row of controls that leaves out what it has no room for.
/// Threads: GUI thread only.
class ControlRow final : public QHBoxLayout
{
public:
    ControlRow();
    void addAlways(QWidget* control);
    /// The first one added is the last one to go.
    void addWhenRoom(QWidget* control);
    /// Of the controls that always stay.
    int narrowestWidth() const;
    /// Shows what fits into a width.
    void fit(int width);

private:
    std::vector<QWidget*> m_always;
    std::vector<QWidget*> m_optional;
};

} // namespace clipscope::widgets

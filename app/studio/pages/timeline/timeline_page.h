#pragma once

#include "app/studio/page.h"

#include <memory>

namespace clipscope::widgets {
class Player;
class TimelineView;
} // namespace clipscope::widgets

namespace clipscope::studio {

struct Services;
class TimelineDesk;

/// What the model and the hand say about each second of a video, seen and corrected: the player,
/// the labels, the timeline, and what is left to review.
///
/// Errors:  reported to the Navigator.
/// Threads: GUI thread only.
class TimelinePage final : public Page
{
    Q_OBJECT

public:
    explicit TimelinePage(Services& services, QWidget* parent = nullptr);
    ~TimelinePage() override;

    PageId id() const override { return PageId::Timeline; }
    QString title() const override { return tr("Timeline"); }
    widgets::Icon icon() const override { return widgets::Icon::Timeline; }
    std::vector<ActionRow> actionRows() override;
    bool isSettled() const override;
    void takeFocus() override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject& state) override;

    /// Opens a video, paused at a second.
    void openVideo(qint64 videoId, double seconds);

    TimelineDesk& desk();
    widgets::Player& player();
    widgets::TimelineView& timeline();

protected:
    /// Sees K go down and up in the timeline: with J or L it shuttles slowly.
    bool eventFilter(QObject* watched, QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void keyReleaseEvent(QKeyEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace clipscope::studio

#pragma once

#include "app/studio/page.h"

#include <memory>

namespace clipscope::widgets {
class Player;
class ResultsView;
} // namespace clipscope::widgets

namespace clipscope::studio {

struct Services;

/// Words in, moments out: results left, the player right. The words come from the box in the top
/// bar, through the Navigator.
///
/// Errors:  reported to the Navigator.
/// Threads: GUI thread only.
class SearchPage final : public Page
{
    Q_OBJECT

public:
    explicit SearchPage(Services& services, QWidget* parent = nullptr);
    ~SearchPage() override;

    PageId id() const override { return PageId::Search; }
    QString title() const override { return tr("Search"); }
    widgets::Icon icon() const override { return widgets::Icon::Search; }
    std::vector<ActionRow> actionRows() override;
    bool isSettled() const override;
    void takeFocus() override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject& state) override;

    /// Searches for the words at once.
    void setQuery(const QString& query);
    QString query() const;
    /// Opens a video in the player, paused on the frame at `seconds`.
    void openVideo(qint64 videoId, double seconds);

    widgets::Player& player();
    widgets::ResultsView& results();

protected:
    void hideEvent(QHideEvent* event) override;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace clipscope::studio

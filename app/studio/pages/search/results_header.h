#pragma once

#include "widgets/results/moments.h"

#include <QWidget>

#include <optional>
#include <vector>

class QLabel;
class QToolButton;

namespace clipscope::widgets {
class ElidedLabel;
}

namespace clipscope::studio {

/// What stands over the results: the query, how much was found, and how to show it: which videos,
/// in which order.
/// Threads: GUI thread only.
class ResultsHeader final : public QWidget
{
    Q_OBJECT

public:
    explicit ResultsHeader(QWidget* parent = nullptr);

    void setQuery(const QString& query, bool isPinned);
    /// A new answer. The choice of one video is given up when it is not among these.
    void setAnswer(const std::vector<widgets::VideoMoments>& videos, double milliseconds);
    /// No figures and no choices while there is no answer.
    void setAnswerVisible(bool visible);
    /// The answer as the user wants to see it.
    std::vector<widgets::VideoMoments> arrange(std::vector<widgets::VideoMoments> videos) const;

    widgets::MomentOrder order() const { return m_order; }
    void setOrder(widgets::MomentOrder order);
    std::optional<qint64> onlyVideo() const { return m_onlyVideo; }

Q_SIGNALS:
    void arrangementChanged();
    void pinToggled();
    void clearRequested();

private:
    void fillVideoMenu();
    void chooseVideo(std::optional<qint64> video);
    void refreshTexts();

    struct Found
    {
        qint64 videoId = 0;
        QString title;
        qsizetype moments = 0;
    };
    std::vector<Found> m_found;
    widgets::MomentOrder m_order = widgets::MomentOrder::BestFirst;
    std::optional<qint64> m_onlyVideo;
    widgets::ElidedLabel* m_title;
    QLabel* m_summary;
    QWidget* m_answerRow;
    QToolButton *m_pin, *m_clear, *m_videos, *m_sort;
};

} // namespace clipscope::studio

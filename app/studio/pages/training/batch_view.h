#pragma once

#include "app/studio/lane.h"
#include "app/studio/pages/training/batch_file.h"
#include "app/studio/pages/training/run_info.h"
#include "widgets/charts/matrix_view.h"

#include <QHash>
#include <QWidget>

class QLabel;
class QStackedWidget;

namespace clipscope::widgets {
class Histogram;
}

namespace clipscope::studio {

/// The batch that a run kept last: every text against every video, and how hard the negatives are.
/// Threads: GUI thread only; the file is read in a lane when it was replaced.
class BatchView final : public QWidget
{
    Q_OBJECT

public:
    explicit BatchView(QWidget* parent = nullptr);
    /// `project` says what the videos are called.
    void show(const RunInfo& run, const std::filesystem::path& project);
    const Batch& batch() const { return m_batch; }

Q_SIGNALS:
    /// A pair was chosen: its clip is wished in the player.
    void clipChosen(qint64 videoId, double seconds);

private:
    void take(Batch batch);
    void describe(const std::optional<widgets::MatrixCell>& cell);
    QString titleOf(std::int64_t videoId) const;

    QStackedWidget* m_stack;
    QLabel *m_nothing, *m_facts, *m_hardness, *m_cell;
    widgets::MatrixView* m_matrix;
    widgets::Histogram* m_margins;
    QHash<qint64, QString> m_titles;
    std::filesystem::path m_file;
    std::filesystem::file_time_type m_written;
    Batch m_batch;
    struct Read
    {
        std::filesystem::file_time_type written;
        std::optional<Batch> batch; ///< none when the file is as before
        QHash<qint64, QString> titles; ///< of its videos
        std::optional<Error> error;
    };
    Lane<Read> m_lane;
};

} // namespace clipscope::studio

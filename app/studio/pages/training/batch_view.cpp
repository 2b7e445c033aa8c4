#include "app/studio/pages/training/batch_view.h"

#include "store/project.h"
#include "widgets/charts/histogram.h"
#include "widgets/common/format.h"
#include "widgets/common/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace clipscope::studio {

using namespace widgets;

namespace {

constexpr int sideWidth = 320;
constexpr int wantedBins = 16;

QLabel* text(const QString& role, QWidget* parent)
{
    auto* label = new QLabel(parent);
    label->setProperty("role", role);
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    return label;
}

QHash<qint64, QString> titlesOf(const Batch& batch, const std::filesystem::path& folder)
{
    QHash<qint64, QString> titles;
    const auto project = store::Project::open(folder, store::Access::ReadOnly);
    if (!project)
        return titles;
    for (const BatchPair& pair : batch.pairs)
        if (!titles.contains(pair.videoId)) {
            if (!pair.name.isEmpty()) // also of videos that are not in the catalogue
                titles[pair.videoId] = pair.name;
            if (const auto video = project->catalogue().video(pair.videoId); video && *video)
                titles[pair.videoId] = fromPath((*video)->path.stem());
        }
    return titles;
}

QLabel* heading(const QString& words, QWidget* parent)
{
    auto* label = new QLabel(words, parent);
    label->setFont(typeface(TypeSize::Base, true));
    label->setWordWrap(true);
    return label;
}

} // namespace

BatchView::BatchView(QWidget* parent)
    : QWidget(parent)
    , m_stack(new QStackedWidget(this))
    , m_nothing(text(QStringLiteral("secondary"), this))
    , m_facts(text(QStringLiteral("secondary"), this))
    , m_hardness(text({}, this))
    , m_cell(text({}, this))
    , m_matrix(new MatrixView(this))
    , m_margins(new Histogram(tr("Margins to the hardest negative"), this))
    , m_lane(this)
{
    setObjectName(QStringLiteral("batchView"));
    m_nothing->setAlignment(Qt::AlignCenter);
    m_nothing->setText(tr("This run has not kept a batch yet: it does whenever it evaluates."));
    m_matrix->setAccessibleName(tr("Scores of every text with every video of the batch"));
    m_cell->setObjectName(QStringLiteral("batchCell"));
    m_cell->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    m_cell->setMinimumHeight(150);
    m_hardness->setObjectName(QStringLiteral("batchHardness"));
    m_margins->setFixedHeight(150);
    auto* side = new QWidget(this);
    side->setFixedWidth(sideWidth);
    auto* facts = new QVBoxLayout(side);
    facts->setContentsMargins(0, 0, 0, 0);
    facts->setSpacing(space::s);
    facts->addWidget(m_facts);
    facts->addWidget(heading(tr("Under the pointer"), side));
    facts->addWidget(m_cell);
    facts->addWidget(heading(tr("Negatives"), side));
    facts->addWidget(m_hardness);
    facts->addWidget(heading(tr("Margins to the hardest negative"), side));
    facts->addWidget(m_margins);
    facts->addStretch(1);
    auto* content = new QWidget(this);
    auto* row = new QHBoxLayout(content);
    row->setContentsMargins(space::l, space::m, space::l, space::l);
    row->setSpacing(space::l);
    row->addWidget(m_matrix, 1);
    row->addWidget(side);
    m_stack->addWidget(m_nothing);
    m_stack->addWidget(content);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_stack);

    connect(m_matrix, &MatrixView::pointed, this, &BatchView::describe);
    connect(m_matrix, &MatrixView::chosen, this, [this](const MatrixCell& cell) {
        const BatchPair& pair = m_batch.pairs[static_cast<std::size_t>(cell.column)];
        Q_EMIT clipChosen(pair.videoId, pair.videoStart);
    });
}

void BatchView::show(const RunInfo& run, const std::filesystem::path& project)
{
    const std::filesystem::path file = run.folder / "batch.json";
    if (file != m_file) {
        m_lane.cancel();
        m_file = file;
        m_written = {};
        m_batch = {};
        m_stack->setCurrentIndex(0);
    }
    if (!isVisible() || m_lane.isBusy())
        return;
    m_lane.run(
        [file, project, before = m_written](std::stop_token) -> Result<Read> {
            std::error_code missing;
            Read read{ std::filesystem::last_write_time(file, missing), {}, {}, {} };
            if (missing || read.written == before)
                return read;
            auto batch = readBatch(file);
            if (batch) {
                read.titles = titlesOf(*batch, project);
                read.batch = std::move(*batch);
            } else {
                read.error = batch.error();
            }
            return read;
        },
        [this](Result<Read> read) {
            if (!read)
                return;
            if (read->batch || read->error)
                m_written = read->written;
            if (read->batch)
                m_titles = std::move(read->titles);
            if (read->batch)
                take(std::move(*read->batch));
            else if (read->error)
                m_nothing->setText(fromUtf8(read->error->toString()));
        });
}

QString BatchView::titleOf(std::int64_t videoId) const
{
    return m_titles.value(videoId, tr("video %1").arg(videoId));
}

void BatchView::take(Batch batch)
{
    m_batch = std::move(batch);
    m_matrix->setMatrix({ static_cast<int>(m_batch.pairs.size()), m_batch.scores });
    std::vector<float> margins;
    for (const BatchPair& pair : m_batch.pairs)
        margins.push_back(static_cast<float>(pair.margin));
    const auto hard
        = std::count_if(margins.begin(), margins.end(), [](float margin) { return margin < 0.0f; });
    m_facts->setText(
        tr("%1 of the batch of step %2. Rows are texts, columns are videos; a pair's "
           "own score lies on the diagonal. A click opens the video.")
            .arg(counted(static_cast<std::int64_t>(m_batch.pairs.size()), tr("pair"), tr("pairs")),
                count(m_batch.step)));
    m_hardness->setText(m_batch.pairs.empty()
            ? QString()
            : tr("%1 of %2 pairs (%3 %) have a negative above their own score.")
                  .arg(count(hard), count(static_cast<std::int64_t>(margins.size())),
                      QLocale().toString(
                          100.0 * static_cast<double>(hard) / static_cast<double>(margins.size()),
                          'f', 0)));
    m_margins->setBins(binned(margins, wantedBins));
    m_stack->setCurrentIndex(m_batch.pairs.empty() ? 0 : 1);
    describe(m_matrix->current());
}

void BatchView::describe(const std::optional<MatrixCell>& cell)
{
    if (!cell || cell->row >= static_cast<int>(m_batch.pairs.size())) {
        m_cell->setText(tr("Point at a cell, or move with the arrow keys."));
        return;
    }
    const BatchPair& text = m_batch.pairs[static_cast<std::size_t>(cell->row)];
    const BatchPair& video = m_batch.pairs[static_cast<std::size_t>(cell->column)];
    const double score = static_cast<double>(m_matrix->matrix().at(cell->row, cell->column));
    const QString where
        = tr("%1, %2 to %3")
              .arg(titleOf(video.videoId), shortTime(video.videoStart), shortTime(video.videoStop));
    const QString own = cell->row == cell->column
        ? tr("Its own clip. Loss %1, margin %2.").arg(figure(text.loss), figure(text.margin))
        : tr("A negative. The text's own score is %1.")
              .arg(figure(static_cast<double>(m_matrix->matrix().at(cell->row, cell->row))));
    QString words = text.text;
    if (words.size() > 160)
        words = words.left(159) + QChar(0x2026);
    m_cell->setText(tr("\"%1\"\n%2\nScore %3\n%4").arg(words, where, figure(score), own));
}

} // namespace clipscope::studio

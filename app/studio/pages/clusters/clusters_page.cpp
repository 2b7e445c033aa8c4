#include "app/studio/pages/clusters/clusters_page.h"

#include "app/studio/navigator.h"
#include "app/studio/project_session.h"
#include "widgets/common/empty_state.h"
#include "widgets/common/format.h"
#include "widgets/common/theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSlider>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <limits>
#include <numeric>

namespace clipscope::studio {

using namespace widgets;

namespace {

constexpr int lookMilliseconds = 3000;
constexpr int sliderWidth = 220;

enum Sorting { AsTrained, ByLoss, ByMargin, ByDistance };

double keyOf(const ClusterSummary& cluster, int sorting)
{
    constexpr double last = std::numeric_limits<double>::infinity();
    switch (sorting) {
    case ByLoss:
        return cluster.meanLoss ? -*cluster.meanLoss : last;
    case ByMargin:
        return cluster.leastMargin.value_or(last);
    case ByDistance:
        return cluster.farthest;
    default:
        return 0.0;
    }
}

ClipTile tileOf(const ClusterSummary& cluster)
{
    ClipTile tile;
    tile.videoId = cluster.pictureVideoId;
    tile.stopSeconds = 1.0; // the picture of its first second
    tile.title = cluster.seedVideoId < 0
        ? ClustersPage::tr("Cluster %1").arg(cluster.cluster + 1)
        : ClustersPage::tr("%1. %2").arg(cluster.cluster + 1).arg(cluster.seedTitle);
    tile.text = cluster.seedVideoId < 0
        ? ClustersPage::tr("%1 at random")
              .arg(counted(cluster.drawn, ClustersPage::tr("video"), ClustersPage::tr("videos")))
        : ClustersPage::tr("%1 of %2 nearest drawn").arg(cluster.drawn).arg(cluster.candidates);
    tile.figures = cluster.meanLoss
        ? ClustersPage::tr("loss %1, least margin %2")
              .arg(figure(*cluster.meanLoss), figure(cluster.leastMargin.value_or(0.0)))
        : ClustersPage::tr("not trained on yet");
    return tile;
}

QLabel* heading(const QString& text, QWidget* parent)
{
    auto* label = new QLabel(text, parent);
    label->setFont(typeface(TypeSize::Base, true));
    return label;
}

} // namespace

ClustersPage::ClustersPage(Services& services, QWidget* parent)
    : Page(parent)
    , m_services(services)
    , m_stack(new QStackedWidget(this))
    , m_empty(new EmptyState(Icon::Clusters, {}, {}, this))
    , m_clusters(new ClipTiles(services.thumbnails, { true, 1 }, this))
    , m_candidates(new ClipTiles(services.thumbnails, { false, 0 }, this))
    , m_pairs(new ClipTiles(services.thumbnails, { true, 2 }, this))
    , m_look(this)
    , m_load(this)
    , m_detail(this)
{
    setObjectName(QStringLiteral("clustersPage"));
    m_clusters->setObjectName(QStringLiteral("clusterList"));
    m_clusters->setAccessibleName(tr("Clusters of the epoch"));
    m_clusters->setMinimumWidth(260);
    m_candidates->setObjectName(QStringLiteral("candidates"));
    m_candidates->setAccessibleName(tr("Nearest videos of the seed"));
    m_pairs->setObjectName(QStringLiteral("clusterPairs"));
    m_pairs->setAccessibleName(tr("Pairs of the cluster"));

    m_splitter = new QSplitter(this);
    m_splitter->addWidget(m_clusters);
    m_splitter->addWidget(buildDetail());
    m_splitter->setStretchFactor(1, 1);
    m_splitter->setSizes({ 320, 900 });
    m_splitter->setChildrenCollapsible(false);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(m_splitter);
    assemble(buildHeader(), m_stack);

    for (ClipTiles* tiles : { m_candidates, m_pairs })
        connect(tiles, &ClipTiles::chosen, this, &ClustersPage::openTile);
    connect(m_clusters, &ClipTiles::chosen, this, &ClustersPage::openTile);
    connect(m_clusters->selectionModel(), &QItemSelectionModel::currentChanged, this,
        &ClustersPage::loadCluster);
    connect(&m_timer, &QTimer::timeout, this, &ClustersPage::lookForRuns);
    m_timer.setInterval(lookMilliseconds);
    connect(&services.project, &ProjectSession::changed, this, &ClustersPage::onProjectChanged);
    onProjectChanged();
}

ClustersPage::~ClustersPage() = default;

QWidget* ClustersPage::buildHeader()
{
    auto* header = new QWidget(this);
    m_run = new QComboBox(header);
    m_run->setObjectName(QStringLiteral("clusterRun"));
    m_run->setAccessibleName(tr("Run"));
    m_run->setMinimumWidth(140);
    m_epochLabel = new QLabel(header);
    m_epochLabel->setObjectName(QStringLiteral("epochLabel"));
    m_slider = new QSlider(Qt::Horizontal, header);
    m_slider->setObjectName(QStringLiteral("epochSlider"));
    m_slider->setAccessibleName(tr("Epoch"));
    m_slider->setFixedWidth(sliderWidth);
    m_slider->setPageStep(1);
    m_slider->setRange(0, 0);
    m_sorting = new QComboBox(header);
    m_sorting->setObjectName(QStringLiteral("clusterOrder"));
    m_sorting->setAccessibleName(tr("Order of the clusters"));
    m_sorting->addItems({ tr("As trained"), tr("Highest loss"), tr("Least margin"),
        tr("Closest videos") }); // as Sorting
    m_facts = new QLabel(header);
    m_facts->setProperty("role", QStringLiteral("secondary"));
    auto* row = new QHBoxLayout(header);
    row->setContentsMargins(space::l, space::m, space::l, space::m);
    row->setSpacing(space::m);
    row->addWidget(titleLabel(header));
    row->addSpacing(space::s);
    row->addWidget(m_run);
    row->addWidget(m_slider);
    row->addWidget(m_epochLabel);
    row->addWidget(m_facts, 1);
    row->addWidget(m_sorting);
    connect(m_run, &QComboBox::currentIndexChanged, this, [this] {
        const RecordedRun* chosen = run();
        const QSignalBlocker quiet(m_slider);
        m_slider->setRange(0, chosen ? static_cast<int>(chosen->epochs.size()) - 1 : 0);
        m_slider->setValue(m_slider->maximum());
        loadEpoch();
    });
    connect(m_slider, &QSlider::valueChanged, this, &ClustersPage::loadEpoch);
    connect(m_sorting, &QComboBox::currentIndexChanged, this, &ClustersPage::showClusters);
    return header;
}

QWidget* ClustersPage::buildDetail()
{
    auto* detail = new QWidget(this);
    m_title = new QLabel(detail);
    m_title->setFont(typeface(TypeSize::Section, true));
    m_title->setTextFormat(Qt::PlainText);
    m_summary = new QLabel(detail);
    m_summary->setObjectName(QStringLiteral("clusterSummary"));
    m_summary->setProperty("role", QStringLiteral("secondary"));
    m_pairsTitle = heading({}, detail);
    auto* split = new QSplitter(Qt::Vertical, detail);
    auto* upper = new QWidget(split);
    auto* above = new QVBoxLayout(upper);
    above->setContentsMargins(0, 0, 0, 0);
    above->setSpacing(space::s);
    above->addWidget(heading(tr("Candidates; those that were drawn are marked"), upper));
    above->addWidget(m_candidates, 1);
    auto* lower = new QWidget(split);
    auto* below = new QVBoxLayout(lower);
    below->setContentsMargins(0, space::s, 0, 0);
    below->setSpacing(space::s);
    below->addWidget(m_pairsTitle);
    below->addWidget(m_pairs, 1);
    split->addWidget(upper);
    split->addWidget(lower);
    split->setChildrenCollapsible(false);
    auto* column = new QVBoxLayout(detail);
    column->setContentsMargins(space::l, space::m, 0, 0);
    column->setSpacing(space::s);
    column->addWidget(m_title);
    column->addWidget(m_summary);
    column->addWidget(split, 1);
    return detail;
}

std::vector<ActionRow> ClustersPage::actionRows()
{
    return {
        { QStringLiteral("clusters.next-epoch"), tr("Next Epoch"),
            QKeySequence(Qt::Key_BracketRight), Icon::SkipForward, [this] { stepEpoch(1); } },
        { QStringLiteral("clusters.previous-epoch"), tr("Previous Epoch"),
            QKeySequence(Qt::Key_BracketLeft), Icon::SkipBack, [this] { stepEpoch(-1); } },
    };
}

void ClustersPage::stepEpoch(int by)
{
    m_slider->setValue(m_slider->value() + by);
}

bool ClustersPage::isSettled() const
{
    return !m_services.project.isOpen()
        || (m_looked && !m_load.isBusy() && !m_detail.isBusy() && !m_clusters->awaitsPictures()
            && !m_candidates->awaitsPictures() && !m_pairs->awaitsPictures());
}

void ClustersPage::takeFocus()
{
    m_clusters->setFocus();
}

QJsonObject ClustersPage::saveState() const
{
    return { { QStringLiteral("splitter"),
                 QString::fromLatin1(m_splitter->saveState().toBase64()) },
        { QStringLiteral("run"), m_run->currentText() } };
}

void ClustersPage::restoreState(const QJsonObject& state)
{
    if (state.contains(QLatin1String("splitter")))
        m_splitter->restoreState(
            QByteArray::fromBase64(state.value(QLatin1String("splitter")).toString().toLatin1()));
    m_wantedRun = state.value(QLatin1String("run")).toString();
}

void ClustersPage::showEvent(QShowEvent* event)
{
    Page::showEvent(event);
    m_timer.start();
    lookForRuns();
}

void ClustersPage::hideEvent(QHideEvent* event)
{
    Page::hideEvent(event);
    m_timer.stop();
}

void ClustersPage::onProjectChanged()
{
    m_look.cancel();
    m_looked = false;
    takeRuns({});
    loadEpoch();
    say(tr("Looking for records"), {});
    lookForRuns();
}

void ClustersPage::say(const QString& title, const QString& sentence)
{
    m_empty->setText(title, sentence);
    m_stack->setCurrentWidget(m_empty);
}

void ClustersPage::lookForRuns()
{
    if (!m_services.project.isOpen() || m_look.isBusy())
        return;
    m_look.run(
        [folder = m_services.project.folder()](
            std::stop_token) -> Result<std::vector<RecordedRun>> { return recordedRuns(folder); },
        [this](Result<std::vector<RecordedRun>> runs) {
            m_looked = true;
            if (runs)
                takeRuns(std::move(*runs));
        });
}

void ClustersPage::takeRuns(std::vector<RecordedRun> runs)
{
    if (m_looked && runs.empty())
        say(tr("No clusters yet"),
            tr("A training writes down which videos it took together, and what each pair cost. "
               "They appear here with its first epoch."));
    if (runs == m_runs)
        return;
    const QString before = m_run->currentText().isEmpty() ? m_wantedRun : m_run->currentText();
    const bool atEnd = m_slider->value() == m_slider->maximum();
    m_runs = std::move(runs);
    {
        const QSignalBlocker quietRun(m_run), quietSlider(m_slider);
        m_run->clear();
        for (const RecordedRun& each : m_runs)
            m_run->addItem(each.name);
        m_run->setCurrentIndex(std::max(0, m_run->findText(before)));
        const int last = run() ? static_cast<int>(run()->epochs.size()) - 1 : 0;
        m_slider->setRange(0, last);
        if (atEnd)
            m_slider->setValue(last);
    }
    m_run->setEnabled(!m_runs.empty());
    loadEpoch();
}

const RecordedRun* ClustersPage::run() const
{
    const auto index = static_cast<std::size_t>(m_run->currentIndex());
    return index < m_runs.size() ? &m_runs[index] : nullptr;
}

std::int64_t ClustersPage::epoch() const
{
    const RecordedRun* chosen = run();
    const auto index = static_cast<std::size_t>(m_slider->value());
    return chosen && index < chosen->epochs.size() ? chosen->epochs[index] : 0;
}

void ClustersPage::loadEpoch()
{
    const RecordedRun* chosen = run();
    for (QWidget* control : std::initializer_list<QWidget*>{ m_run, m_slider, m_sorting })
        control->setVisible(chosen != nullptr);
    m_slider->setEnabled(chosen && chosen->epochs.size() > 1);
    m_slider->setToolTip(!chosen         ? tr("No run has recorded anything yet.")
            : chosen->epochs.size() == 1 ? tr("This run has recorded one epoch.")
                                         : tr("Epoch (keys [ and ])"));
    m_epochLabel->setText(
        chosen ? tr("epoch %1 of %2").arg(epoch()).arg(chosen->epochs.back()) : QString());
    if (!chosen) {
        m_load.cancel();
        m_epoch = {};
        showClusters();
        return;
    }
    m_facts->setText(tr("reading..."));
    m_load.run([project = m_services.project.folder(), steps = chosen->steps, wanted = epoch()](
                   std::stop_token stop) { return readClusters(project, steps, wanted, stop); },
        [this](Result<ClusterEpoch> read) {
            if (!read) {
                m_epoch = {};
                m_facts->clear();
                say(tr("This epoch cannot be read"), fromUtf8(read.error().toString()));
                return;
            }
            m_epoch = std::move(*read);
            m_stack->setCurrentWidget(m_splitter);
            showClusters();
        });
}

void ClustersPage::showClusters()
{
    m_order.resize(m_epoch.clusters.size());
    std::iota(m_order.begin(), m_order.end(), 0);
    std::stable_sort(m_order.begin(), m_order.end(), [this](std::size_t a, std::size_t b) {
        const int sorting = m_sorting->currentIndex();
        return keyOf(m_epoch.clusters[a], sorting) < keyOf(m_epoch.clusters[b], sorting);
    });
    std::vector<ClipTile> tiles;
    for (const std::size_t cluster : m_order)
        tiles.push_back(tileOf(m_epoch.clusters[cluster]));
    m_facts->setText(m_epoch.records
            ? tr("%1, %2").arg(counted(static_cast<std::int64_t>(m_epoch.clusters.size()),
                                   tr("cluster"), tr("clusters")),
                counted(static_cast<std::int64_t>(m_epoch.records->steps.size()), tr("step"),
                    tr("steps")))
            : QString());
    m_clusters->setTiles(std::move(tiles));
    if (!m_clusters->currentIndex().isValid() && !m_order.empty())
        m_clusters->setCurrentIndex(m_clusters->model()->index(0, 0));
    loadCluster();
}

void ClustersPage::loadCluster()
{
    const auto row = static_cast<std::size_t>(m_clusters->currentIndex().row());
    if (row >= m_order.size() || !m_epoch.records) {
        m_detail.cancel();
        m_title->clear();
        m_summary->clear();
        m_candidates->setTiles({});
        m_pairs->setTiles({});
        return;
    }
    const ClusterSummary& cluster = m_epoch.clusters[m_order[row]];
    m_title->setText(tileOf(cluster).title);
    m_detail.run(
        [project = m_services.project.folder(), steps = m_epoch.steps, records = m_epoch.records,
            index = static_cast<std::int64_t>(m_order[row])](
            std::stop_token stop) { return readCluster(project, steps, *records, index, stop); },
        [this, cluster](Result<ClusterDetail> detail) {
            if (!detail) {
                m_services.navigator.report(detail.error());
                return;
            }
            QString summary = tileOf(cluster).text + QStringLiteral(", ") + tileOf(cluster).figures;
            if (!detail->steps.empty())
                summary += tr(", step %1").arg(count(detail->steps.front()));
            m_summary->setText(summary);
            m_pairsTitle->setText(detail->pairs.empty()
                    ? tr("Its pairs are on record once it was trained on")
                    : tr("%1, the hardest first")
                          .arg(counted(static_cast<std::int64_t>(detail->pairs.size()), tr("pair"),
                              tr("pairs"))));
            m_candidates->setTiles(std::move(detail->candidates));
            m_pairs->setTiles(std::move(detail->pairs));
        });
}

void ClustersPage::openTile(const ClipTile& tile)
{
    if (tile.videoId >= 0)
        m_services.navigator.openVideo(tile.videoId, tile.startSeconds);
}

} // namespace clipscope::studio

#include "app/studio/pages/timeline/compare_tab.h"

#include "app/studio/pages/timeline/tier_comparison.h"
#include "widgets/common/format.h"
#include "widgets/common/theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QTableWidget>
#include <QVBoxLayout>

namespace clipscope::studio {

using namespace widgets;

namespace {

constexpr int rowHeight = 24;
constexpr int mostPlaces = 2000; // more than anybody goes through

QString percent(double share)
{
    return CompareTab::tr("%1\u00a0%").arg(100.0 * share, 0, 'f', 1);
}

QString labelText(const std::string& label)
{
    return label.empty() ? CompareTab::tr("nothing") : fromUtf8(label);
}

/// Columns from `figuresFrom` on are aligned to the right.
QTableWidget* tableOf(const QString& name, const QString& spoken, const QStringList& titles,
    int figuresFrom, QWidget* parent)
{
    auto* table = new QTableWidget(0, static_cast<int>(titles.size()), parent);
    table->setObjectName(name);
    table->setAccessibleName(spoken);
    table->setHorizontalHeaderLabels(titles);
    for (int column = 0; column < titles.size(); ++column)
        table->horizontalHeaderItem(column)->setTextAlignment(
            (column < figuresFrom ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setSelectionMode(QAbstractItemView::SingleSelection);
    table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table->setShowGrid(false);
    table->setFrameShape(QFrame::NoFrame);
    table->verticalHeader()->hide();
    table->verticalHeader()->setDefaultSectionSize(rowHeight);
    table->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    return table;
}

void fill(QTableWidget& table, int row, const QStringList& texts)
{
    for (int column = 0; column < texts.size(); ++column) {
        auto* item = new QTableWidgetItem(texts[column]);
        item->setData(
            Qt::TextAlignmentRole, table.horizontalHeaderItem(column)->data(Qt::TextAlignmentRole));
        table.setItem(row, column, item);
    }
}

} // namespace

CompareTab::CompareTab(TierComparison& comparison, QWidget* parent)
    : QWidget(parent)
    , m_comparison(comparison)
    , m_a(new QComboBox(this))
    , m_b(new QComboBox(this))
    , m_summary(new QLabel(this))
    , m_labels(tableOf(QStringLiteral("labelFigures"), tr("Agreement by label"),
          { tr("Label"), tr("Seconds"), tr("Precision"), tr("Recall"), tr("F1") }, 1, this))
    , m_places(tableOf(QStringLiteral("disagreements"), tr("Places where the tiers differ"),
          { tr("From"), tr("To"), {}, {} }, 4, this))
{
    m_a->setAccessibleName(tr("First tier, taken as the truth"));
    m_a->setToolTip(tr("Taken as the truth"));
    m_b->setAccessibleName(tr("Second tier"));
    m_summary->setObjectName(QStringLiteral("comparisonSummary"));
    m_summary->setWordWrap(true);
    m_summary->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* tiers = new QHBoxLayout;
    tiers->addWidget(m_a, 1);
    tiers->addWidget(new QLabel(tr("and"), this));
    tiers->addWidget(m_b, 1);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(space::m, space::m, space::m, 0);
    column->setSpacing(space::s);
    column->addLayout(tiers);
    column->addWidget(m_summary);
    column->addWidget(m_labels, 2);
    column->addWidget(m_places, 3);
    for (QComboBox* box : { m_a, m_b })
        connect(box, &QComboBox::activated, this, &CompareTab::choose);
    connect(m_places, &QTableWidget::currentCellChanged, this, [this](int row) {
        if (row >= 0 && static_cast<std::size_t>(row) < m_spans.size()) {
            const auto [start, stop] = m_spans[static_cast<std::size_t>(row)];
            Q_EMIT placeChosen(start, stop);
        }
    });
    connect(&comparison, &TierComparison::compared, this, &CompareTab::showFigures);
    showFigures();
}

void CompareTab::setTiers(const labels::Annotation& annotation)
{
    QStringList names;
    for (const labels::Tier& tier : annotation.tiers)
        names += fromUtf8(tier.name);
    for (QComboBox* box : { m_a, m_b }) {
        QStringList present;
        for (int i = 0; i < box->count(); ++i)
            present += box->itemText(i);
        if (present == names)
            continue;
        const QString chosen = box->currentText();
        box->clear();
        box->addItems(names);
        box->setCurrentText(chosen);
    }
}

void CompareTab::choose()
{
    m_comparison.choose(toUtf8(m_a->currentText()), toUtf8(m_b->currentText()));
}

void CompareTab::showFigures()
{
    const std::optional<TierFigures>& figures = m_comparison.figures();
    m_labels->setRowCount(0);
    m_places->setRowCount(0);
    m_spans.clear();
    if (!figures) {
        m_summary->setText(tr("Two tiers are needed for a comparison."));
        return;
    }
    const labels::Comparison& all = figures->comparison;
    m_a->setCurrentText(fromUtf8(figures->tierA));
    m_b->setCurrentText(fromUtf8(figures->tierB));
    m_summary->setText(
        tr("Frames: accuracy %1, kappa %2. Segments: F1@10/25/50 %3 / %4 / %5, edit %6, "
           "agreement %7. %8 differ.")
            .arg(percent(all.frameAccuracy))
            .arg(all.kappa, 0, 'f', 2)
            .arg(percent(all.segments10.f1()), percent(all.segments25.f1()),
                percent(all.segments50.f1()), percent(all.editScore),
                percent(all.agreement.share()), shortDuration(all.secondsThatDiffer)));
    m_labels->setRowCount(static_cast<int>(all.labels.size()));
    for (int row = 0; row < m_labels->rowCount(); ++row) {
        const labels::LabelFigures& label = all.labels[static_cast<std::size_t>(row)];
        fill(*m_labels, row,
            { labelText(label.label),
                tr("%1 / %2").arg(label.secondsOfA, 0, 'f', 1).arg(label.secondsOfB, 0, 'f', 1),
                percent(label.precision()), percent(label.recall()), percent(label.f1()) });
    }
    m_places->setHorizontalHeaderLabels(
        { tr("From"), tr("To"), fromUtf8(figures->tierA), fromUtf8(figures->tierB) });
    const auto places = std::min<std::size_t>(all.disagreements.size(), mostPlaces);
    m_places->setRowCount(static_cast<int>(places));
    for (std::size_t i = 0; i < places; ++i) {
        const labels::Disagreement& place = all.disagreements[i];
        m_spans.emplace_back(place.startSeconds, place.stopSeconds);
        fill(*m_places, static_cast<int>(i),
            { preciseTime(place.startSeconds), preciseTime(place.stopSeconds),
                labelText(place.labelA), labelText(place.labelB) });
    }
}

} // namespace clipscope::studio

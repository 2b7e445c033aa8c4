#pragma once

#include "labels/annotation.h"

#include <QWidget>

class QComboBox;
class QLabel;
class QTableWidget;

namespace clipscope::studio {

class TierComparison;

/// Two tiers side by side: which, how well they agree, label by label, and every place where they
/// do not.
/// Threads: GUI thread only.
class CompareTab final : public QWidget
{
    Q_OBJECT

public:
    explicit CompareTab(TierComparison& comparison, QWidget* parent = nullptr);

    /// The tiers that can be chosen.
    void setTiers(const labels::Annotation& annotation);

Q_SIGNALS:
    void placeChosen(double startSeconds, double stopSeconds);

private:
    void choose();
    void showFigures();

    TierComparison& m_comparison;
    QComboBox *m_a, *m_b;
    QLabel* m_summary;
    QTableWidget *m_labels, *m_places;
    std::vector<std::pair<double, double>> m_spans; ///< by row of m_places
};

} // namespace clipscope::studio

#pragma once

#include <QFrame>
#include <QString>

#include <optional>

class QLabel;

namespace clipscope::studio {

/// What is known about the agreement of two tiers.
struct TimelineFigures
{
    QString title; ///< "hand against model"
    double frameAccuracy = 0.0; ///< [0, 1]
    double f1At10 = 0.0, f1At25 = 0.0, f1At50 = 0.0; ///< [0, 1]
    double editScore = 0.0; ///< [0, 1]
    double kappa = 0.0; ///< [-1, 1]
    double secondsCorrected = 0.0;

    bool operator==(const TimelineFigures&) const = default;
};

/// The footer of the timeline: agreement, time spent, and whether everything is saved.
/// Threads: GUI thread only.
class FiguresBar final : public QFrame
{
    Q_OBJECT

public:
    explicit FiguresBar(QWidget* parent = nullptr);

    void setFigures(const std::optional<TimelineFigures>& figures);
    /// What was done with the last key, a refusal: one sentence at the left.
    void say(const QString& sentence);
    void setSpent(double seconds);
    void setSaved(bool saved, bool readOnly);
    QString text() const; ///< of the figures
    QString message() const; ///< what say() was given last

private:
    QLabel *m_message, *m_figures, *m_spent, *m_saved;
};

} // namespace clipscope::studio

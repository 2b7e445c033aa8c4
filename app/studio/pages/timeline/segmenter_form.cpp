#include "app/studio/pages/timeline/segmenter_form.h"

#include "widgets/common/theme.h"

#include <QCheckBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QSignalBlocker>
#include <QSpinBox>

#include <algorithm>

namespace clipscope::studio {

using namespace widgets;

namespace {

constexpr double widestThreshold = 1e6; // dot products of unnormalised vectors: any size
constexpr int longestSeconds = 600;

QCheckBox* checkBox(const QString& text, const QString& name, QWidget* parent)
{
    auto* box = new QCheckBox(text, parent);
    box->setObjectName(name);
    return box;
}

QDoubleSpinBox* scoreBox(double least, double step, const QString& name, QWidget* parent)
{
    auto* box = new QDoubleSpinBox(parent);
    box->setObjectName(name);
    box->setRange(least, widestThreshold);
    box->setDecimals(3);
    box->setSingleStep(step);
    return box;
}

QSpinBox* secondsBox(const QString& name, QWidget* parent)
{
    auto* box = new QSpinBox(parent);
    box->setObjectName(name);
    box->setRange(1, longestSeconds);
    box->setSuffix(SegmenterForm::tr(" s"));
    return box;
}

} // namespace

SegmenterForm::SegmenterForm(QWidget* parent)
    : QWidget(parent)
    , m_rows(new QFormLayout(this))
    , m_automatic(checkBox(
          tr("Largest similarity of two labels"), QStringLiteral("automaticThreshold"), this))
    , m_threshold(scoreBox(-widestThreshold, 0.01, QStringLiteral("threshold"), this))
    , m_smoothing(secondsBox(QStringLiteral("smoothing"), this))
    , m_minimum(secondsBox(QStringLiteral("minimum"), this))
    , m_changeCost(scoreBox(0.0, 0.05, QStringLiteral("changeCost"), this))
    , m_everySecond(checkBox(tr("No second without a label"), QStringLiteral("everySecond"), this))
    , m_ordered(checkBox(
          tr("Steps in the order of the set, each once"), QStringLiteral("orderedSteps"), this))
{
    m_rows->setContentsMargins(space::m, space::m, space::m, space::m);
    m_rows->addRow(tr("Threshold"), m_automatic);
    m_rows->addRow(QString(), m_threshold);
    m_rows->addRow(tr("Smoothing"), m_smoothing);
    m_rows->addRow(tr("Shortest segment"), m_minimum);
    m_rows->addRow(tr("Cost of a change"), m_changeCost);
    m_rows->addRow(QString(), m_everySecond);
    m_rows->addRow(QString(), m_ordered);
    showOptions({});

    for (QCheckBox* box : { m_automatic, m_everySecond, m_ordered })
        connect(box, &QCheckBox::toggled, this, &SegmenterForm::choose);
    for (QSpinBox* box : { m_smoothing, m_minimum })
        connect(box, &QSpinBox::valueChanged, this, &SegmenterForm::choose);
    for (QDoubleSpinBox* box : { m_threshold, m_changeCost })
        connect(box, &QDoubleSpinBox::valueChanged, this, &SegmenterForm::choose);
}

void SegmenterForm::addFirstRow(const QString& title, QWidget* field)
{
    m_rows->insertRow(0, title, field);
}

labels::SegmenterOptions SegmenterForm::options() const
{
    labels::SegmenterOptions options;
    if (!m_automatic->isChecked())
        options.threshold = m_threshold->value();
    options.smoothingSeconds = m_smoothing->value();
    options.minimumSeconds = m_minimum->value();
    options.changeCost = m_changeCost->value();
    options.mode
        = m_ordered->isChecked() ? labels::SegmentMode::Ordered : labels::SegmentMode::Free;
    options.outside
        = m_everySecond->isChecked() ? labels::Outside::Never : labels::Outside::Allowed;
    return options;
}

void SegmenterForm::showOptions(const labels::SegmenterOptions& options)
{
    const QSignalBlocker quiet(this);
    m_automatic->setChecked(!options.threshold);
    m_threshold->setEnabled(options.threshold.has_value());
    if (options.threshold)
        m_threshold->setValue(*options.threshold);
    m_smoothing->setValue(static_cast<int>(options.smoothingSeconds));
    m_minimum->setValue(static_cast<int>(options.minimumSeconds));
    m_changeCost->setValue(options.changeCost);
    m_ordered->setChecked(options.mode == labels::SegmentMode::Ordered);
    m_everySecond->setChecked(options.outside == labels::Outside::Never);
}

void SegmenterForm::showAutomaticThreshold(double threshold)
{
    const QSignalBlocker quiet(this);
    if (m_automatic->isChecked())
        m_threshold->setValue(threshold);
}

void SegmenterForm::choose()
{
    m_threshold->setEnabled(!m_automatic->isChecked());
    Q_EMIT optionsChosen(options());
}

QJsonObject toJson(const labels::SegmenterOptions& options)
{
    QJsonObject json{
        { QStringLiteral("smoothing"), static_cast<qint64>(options.smoothingSeconds) },
        { QStringLiteral("minimum"), static_cast<qint64>(options.minimumSeconds) },
        { QStringLiteral("changeCost"), options.changeCost },
        { QStringLiteral("ordered"), options.mode == labels::SegmentMode::Ordered },
        { QStringLiteral("everySecond"), options.outside == labels::Outside::Never },
    };
    if (options.threshold)
        json[QStringLiteral("threshold")] = *options.threshold;
    return json;
}

labels::SegmenterOptions segmenterOptionsOf(const QJsonObject& json)
{
    const auto seconds = [&](const char* key) {
        return std::clamp(json[QLatin1String(key)].toInteger(1), qint64(1), qint64(longestSeconds));
    };
    labels::SegmenterOptions options;
    if (const QJsonValue threshold = json[QStringLiteral("threshold")]; threshold.isDouble())
        options.threshold = threshold.toDouble();
    options.smoothingSeconds = seconds("smoothing");
    options.minimumSeconds = seconds("minimum");
    options.changeCost = std::max(json[QStringLiteral("changeCost")].toDouble(), 0.0);
    if (json[QStringLiteral("ordered")].toBool())
        options.mode = labels::SegmentMode::Ordered;
    if (json[QStringLiteral("everySecond")].toBool())
        options.outside = labels::Outside::Never;
    return options;
}

} // namespace clipscope::studio

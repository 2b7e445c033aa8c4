#include "widgets/common/theme.h"

#include <QApplication>
#include <QDir>
#include <QFile>
#include <QFontDatabase>
#include <QStyle>
#include <QStyleFactory>
#include <QWidget>

#include <algorithm>
#include <cmath>

namespace clipscope::widgets {

namespace {

QColor rgb(unsigned value)
{
    return QColor::fromRgb(value | 0xff000000u);
}

Tokens makeLight()
{
    return {
        .window = rgb(0xF4F5F7),
        .panel = rgb(0xFFFFFF),
        .raised = rgb(0xFFFFFF),
        .border = rgb(0xDADDE2),
        .strongBorder = rgb(0xB9BEC7),
        .text = rgb(0x1C1F24),
        .secondary = rgb(0x596170),
        .disabled = rgb(0x9AA1AD),
        .accent = rgb(0x2F6FDE),
        .onAccent = rgb(0xFFFFFF),
        .accentTint = rgb(0xE4EDFC),
        .good = rgb(0x1E8E5A),
        .warning = rgb(0xB36B00),
        .bad = rgb(0xC8332B),
        .videoSurround = rgb(0x2B2B2B),
        .dark = false,
    };
}

Tokens makeDark()
{
    return {
        .window = rgb(0x1B1D21),
        .panel = rgb(0x22252A),
        .raised = rgb(0x2A2E34),
        .border = rgb(0x343941),
        .strongBorder = rgb(0x4A515C),
        .text = rgb(0xE8EAED),
        .secondary = rgb(0xA3ABB8),
        .disabled = rgb(0x6A7280),
        .accent = rgb(0x6FA3FF),
        .onAccent = rgb(0x10151D),
        .accentTint = rgb(0x25344F),
        .good = rgb(0x57C48E),
        .warning = rgb(0xF0AD4E),
        .bad = rgb(0xFF7B72),
        .videoSurround = rgb(0x2B2B2B),
        .dark = true,
    };
}

QColor mixed(const QColor& a, const QColor& b, double shareOfB)
{
    const auto channel = [shareOfB](int x, int y) {
        return static_cast<int>(std::lround(x + (y - x) * shareOfB));
    };
    return QColor(
        channel(a.red(), b.red()), channel(a.green(), b.green()), channel(a.blue(), b.blue()));
}

QPalette paletteOf(const Tokens& t)
{
    QPalette palette;
    palette.setColor(QPalette::Window, t.window);
    palette.setColor(QPalette::WindowText, t.text);
    palette.setColor(QPalette::Base, t.panel);
    palette.setColor(QPalette::AlternateBase, t.panel);
    palette.setColor(QPalette::Text, t.text);
    palette.setColor(QPalette::PlaceholderText, t.secondary);
    palette.setColor(QPalette::Button, t.raised);
    palette.setColor(QPalette::ButtonText, t.text);
    palette.setColor(QPalette::BrightText, t.bad);
    palette.setColor(QPalette::ToolTipBase, t.raised);
    palette.setColor(QPalette::ToolTipText, t.text);
    palette.setColor(QPalette::Highlight, t.accent);
    palette.setColor(QPalette::HighlightedText, t.onAccent);
    palette.setColor(QPalette::Link, t.accent);
    palette.setColor(QPalette::LinkVisited, t.accent);
    palette.setColor(QPalette::Light, t.raised);
    palette.setColor(QPalette::Midlight, t.border);
    palette.setColor(QPalette::Mid, t.border);
    palette.setColor(QPalette::Dark, t.strongBorder);
    palette.setColor(QPalette::Shadow, t.strongBorder);
    for (const QPalette::ColorRole role :
        { QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::HighlightedText })
        palette.setColor(QPalette::Disabled, role, t.disabled);
    palette.setColor(QPalette::Disabled, QPalette::Highlight, t.border);
    return palette;
}

QString styleSheetOf(const Tokens& t)
{
    QFile file(QStringLiteral(":/clipscope/style/studio.qss"));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    QString sheet = QString::fromUtf8(file.readAll());
    const auto picture = [&](const char* name) {
        return QStringLiteral(":/clipscope/style/%1-%2.svg")
            .arg(QLatin1String(name), QLatin1String(t.dark ? "dark" : "light"));
    };
    // Longer names first, so that "@accent" does not eat the head of "@accentTint".
    const std::pair<const char*, QString> words[] = {
        { "@accentHover", mixed(t.accent, t.text, 0.12).name() },
        { "@accentVeil",
            QStringLiteral("rgba(%1, %2, %3, 225)")
                .arg(t.accentTint.red())
                .arg(t.accentTint.green())
                .arg(t.accentTint.blue()) },
        { "@accentTint", t.accentTint.name() },
        { "@accent", t.accent.name() },
        { "@warningTint", mixed(t.panel, t.warning, 0.14).name() },
        { "@warning", t.warning.name() },
        { "@badTint", mixed(t.panel, t.bad, 0.13).name() },
        { "@bad", t.bad.name() },
        { "@good", t.good.name() },
        { "@onAccent", t.onAccent.name() },
        { "@hover", mixed(t.panel, t.text, 0.06).name() },
        { "@track", mixed(t.panel, t.text, 0.12).name() },
        { "@scroll", t.strongBorder.name() },
        { "@strongBorder", t.strongBorder.name() },
        { "@border", t.border.name() },
        { "@window", t.window.name() },
        { "@panel", t.panel.name() },
        { "@raised", t.raised.name() },
        { "@text", t.text.name() },
        { "@secondary", t.secondary.name() },
        { "@disabled", t.disabled.name() },
        { "@chevron", picture("chevron") },
        { "@upChevron", picture("chevron-up") },
        { "@checkMark", picture("check") },
    };
    for (const auto& [word, value] : words)
        sheet.replace(QLatin1String(word), value);
    return sheet;
}

bool systemIsDark()
{
    // Read once, before our own palette hides the system's.
    static const bool dark = QApplication::palette().color(QPalette::Window).lightness()
        < QApplication::palette().color(QPalette::WindowText).lightness();
    return dark;
}

} // namespace

int transitionMilliseconds()
{
    return QApplication::style()->styleHint(QStyle::SH_Widget_Animation_Duration) > 0 ? 120 : 0;
}

const Tokens& lightTokens()
{
    static const Tokens value = makeLight();
    return value;
}

const Tokens& darkTokens()
{
    static const Tokens value = makeDark();
    return value;
}

const Tokens& tokens(const QPalette& palette)
{
    return palette.color(QPalette::Window).lightness() < 128 ? darkTokens() : lightTokens();
}

const Tokens& tokens(const QWidget* widget)
{
    return tokens(widget->palette());
}

QColor seriesColour(int index, bool dark)
{
    static constexpr unsigned okabeIto[]
        = { 0x0072B2, 0xE69F00, 0x009E73, 0xCC79A7, 0x56B4E9, 0xD55E00, 0xF0E442, 0x000000 };
    constexpr int hues = 8;
    const int round = std::max(index, 0) / hues;
    const int hue = std::max(index, 0) % hues;
    QColor colour = rgb(hue == hues - 1 && dark ? 0xFFFFFFu : okabeIto[hue]);
    if (hue == 0 && dark) // the first blue is too deep for thin lines on a dark panel
        colour = mixed(colour, rgb(0xFFFFFF), 0.25);
    for (int step = 0; step < round % 3; ++step)
        colour = dark == (hue == hues - 1) ? colour.darker(140) : mixed(colour, rgb(0x808080), 0.4);
    return colour;
}

QColor heatColour(double value)
{
    // Eleven knots of cividis (Nunez, Anderton, Renslow 2018).
    static constexpr unsigned knots[] = { 0x00204D, 0x00306F, 0x2A406C, 0x48526B, 0x5E626E,
        0x727374, 0x878479, 0x9E9677, 0xB6A971, 0xD0BE67, 0xFFEA46 };
    constexpr int last = 10;
    const double place = std::isnan(value) ? 0.0 : std::clamp(value, 0.0, 1.0) * last;
    const int below = std::min(static_cast<int>(place), last - 1);
    return mixed(rgb(knots[below]), rgb(knots[below + 1]), place - below);
}

QFont typeface(TypeSize size, bool bold)
{
    static constexpr int pixels[] = { 11, 13, 16, 20 };
    QFont font = QFontDatabase::systemFont(QFontDatabase::GeneralFont);
    font.setPixelSize(pixels[static_cast<int>(size)]);
    font.setWeight(bold ? QFont::DemiBold : QFont::Normal);
    return font;
}

double contrastRatio(const QColor& a, const QColor& b)
{
    const auto luminance = [](const QColor& colour) {
        const auto linear = [](double channel) {
            return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
        };
        return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF())
            + 0.0722 * linear(colour.blueF());
    };
    const double first = luminance(a), second = luminance(b);
    return (std::max(first, second) + 0.05) / (std::min(first, second) + 0.05);
}

void applyTheme(QApplication& application, ColourScheme scheme)
{
    const bool system = systemIsDark();
    const bool dark = scheme == ColourScheme::Auto ? system : scheme == ColourScheme::Dark;
    const Tokens& theme = dark ? darkTokens() : lightTokens();
    // The style sheet's own style wraps the one set here, so this happens once only.
    if (application.styleSheet().isEmpty())
        QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    QApplication::setFont(typeface(TypeSize::Base));
    QApplication::setPalette(paletteOf(theme));
    application.setStyleSheet(styleSheetOf(theme));
}

} // namespace clipscope::widgets

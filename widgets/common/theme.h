#pragma once

#include <QColor>
#include <QFont>
#include <QPalette>

#include <array>

class QApplication;
class QWidget;

namespace clipscope::widgets {

/// What the user asked for; Auto follows the system at program start.
enum class ColourScheme { Auto, Light, Dark };

/// Every colour of the window. There is no colour literal outside theme.cpp.
struct Tokens
{
    QColor window, panel, raised;
    QColor border, strongBorder;
    QColor text, secondary, disabled;
    QColor accent, onAccent, accentTint;
    QColor good, warning, bad;
    QColor videoSurround; ///< neutral grey behind pictures, the same in both themes
    bool dark = false;
};

/// Distances in logical pixels.
namespace space {
constexpr int xs = 4;
constexpr int s = 8;
constexpr int m = 12;
constexpr int l = 16;
constexpr int xl = 24;
} // namespace space
constexpr int cardRadius = 6;
constexpr int chipRadius = 4;
/// Length of every transition; 0 when the system asks for no motion.
int transitionMilliseconds();

const Tokens& lightTokens();
const Tokens& darkTokens();
/// The tokens of the theme a palette belongs to, by the lightness of its window colour.
const Tokens& tokens(const QPalette& palette);
/// The tokens a widget is painted with. Call it in paintEvent(), never keep the result.
/// Threads: GUI thread only.
const Tokens& tokens(const QWidget* widget);

/// Okabe-Ito order; from the ninth on the same hues lighter or darker. Never colour alone.
QColor seriesColour(int index, bool dark);
/// Cividis, readable in both themes and safe for colour-blind eyes.
/// Range: value in [0, 1]; clamped, NaN is 0.
QColor heatColour(double value);

enum class TypeSize { Secondary, Base, Section, PageTitle };
/// The system's font at one of the four sizes (11, 13, 16, 20 px at 100 %), tabular figures
/// where the font has them.
QFont typeface(TypeSize size, bool bold = false);

/// WCAG 2 contrast ratio of two opaque colours.
/// Range: [1, 21].
double contrastRatio(const QColor& a, const QColor& b);

/// Fusion, our palette and the style sheet. May be called again to switch.
/// Threads: GUI thread only.
void applyTheme(QApplication& application, ColourScheme scheme);

} // namespace clipscope::widgets

#include "base/random.h"
#include "base/require.h"
#include "jobs/synthetic_films.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace clipscope::jobs {

namespace {

constexpr int side = CollectionPlan::sidePixels;
constexpr double middle = side / 2.0;
constexpr double turn = 2.0 * std::numbers::pi;

struct Rgb
{
    double red = 0.0, green = 0.0, blue = 0.0;
};

constexpr std::array<Rgb, SceneKind::colours> colours{ { { 220, 40, 40 }, { 50, 190, 60 },
    { 50, 80, 230 }, { 235, 225, 50 }, { 160, 50, 200 }, { 245, 135, 30 }, { 240, 240, 240 },
    { 40, 210, 220 } } };

/// Order of SceneKind::shape.
enum class Shape { Circle, Square, Triangle, Star, Cross, Ring };
/// Order of SceneKind::action.
enum class Action { Left, Right, Up, Down, Grow, Shrink, Blink, Spin, Bounce, Orbit };

/// Whether a point is in a shape. Range: shapes lie in the unit circle, y goes down.
bool covers(Shape shape, double x, double y)
{
    const double r = std::hypot(x, y);
    switch (shape) {
    case Shape::Circle:
        return r < 0.9;
    case Shape::Square:
        return std::max(std::abs(x), std::abs(y)) < 0.75;
    case Shape::Triangle:
        return y < 0.6 && std::abs(x) < (y + 1.0) * 0.6;
    case Shape::Star: {
        const double angle = std::atan2(x, -y);
        const double fifth = std::abs(std::remainder(angle, turn / 5.0)) / (turn / 10.0);
        return r < 1.0 - 0.58 * fifth;
    }
    case Shape::Cross:
        return std::min(std::abs(x), std::abs(y)) < 0.28
            && std::max(std::abs(x), std::abs(y)) < 0.95;
    case Shape::Ring:
        return r > 0.52 && r < 0.95;
    }
    return false;
}

/// A dark dot near the top shows how the shape is turned.
bool isDot(double x, double y)
{
    return std::hypot(x, y + 0.68) < 0.17;
}

/// Where the thing is and what it looks like at a moment. Units: pixels, radians.
struct Pose
{
    double x = 0.0, y = 0.0, radius = 0.0, angle = 0.0;
    bool isVisible = true;
    Rgb colour;
};

double between(Random& random, double low, double high)
{
    return low + (high - low) * random.uniform();
}

/// The part behind the point: 0 at the begin of every period.
double sawtooth(double value)
{
    return value - std::floor(value);
}

Pose poseAt(const Scene& scene, double seconds)
{
    Random random({ scene.seed });
    Pose pose;
    pose.colour = colours[static_cast<std::size_t>(scene.kind.colour)];
    for (double* channel : { &pose.colour.red, &pose.colour.green, &pose.colour.blue })
        *channel = std::clamp(*channel + between(random, -12, 12), 0.0, 255.0);
    pose.radius = between(random, 13, 18);
    pose.angle = between(random, -0.2, 0.2);
    const double margin = pose.radius + 2.0;
    pose.x = between(random, margin, side - margin);
    pose.y = between(random, margin, side - margin);
    const double phase = random.uniform(), speed = between(random, 0.8, 1.2);
    const double sign = random.coin() ? 1.0 : -1.0;

    // Something that leaves comes in again on the other side.
    const double way = side + 2.0 * pose.radius;
    const double gone = sawtooth(phase + speed * 24.0 * seconds / way) * way - pose.radius;
    const double swell = sawtooth(phase + speed * seconds / 2.5);
    switch (static_cast<Action>(scene.kind.action)) {
    case Action::Left:
        pose.x = side - gone;
        break;
    case Action::Right:
        pose.x = gone;
        break;
    case Action::Up:
        pose.y = side - gone;
        break;
    case Action::Down:
        pose.y = gone;
        break;
    case Action::Grow:
        pose.radius *= 0.5 + 0.9 * swell;
        break;
    case Action::Shrink:
        pose.radius *= 1.4 - 0.9 * swell;
        break;
    case Action::Blink:
        pose.isVisible = sawtooth(phase + speed * 1.8 * seconds) < 0.5;
        break;
    case Action::Spin:
        pose.angle += sign * turn * (phase + speed * 0.5 * seconds);
        break;
    case Action::Bounce: {
        const double height = 2.0 * sawtooth(phase + speed * 1.1 * seconds) - 1.0;
        pose.y = side - margin - 34.0 * (1.0 - height * height);
        break;
    }
    case Action::Orbit: {
        const double orbit = 22.0, angle = sign * turn * (phase + speed * 0.55 * seconds);
        const auto inside = [&](double centre) {
            return std::clamp(centre, margin + orbit, side - margin - orbit);
        };
        pose.x = inside(pose.x) + orbit * std::cos(angle);
        pose.y = inside(pose.y) + orbit * std::sin(angle);
        break;
    }
    }
    return pose;
}

void put(std::uint8_t* rgb, int x, int y, const Rgb& colour)
{
    std::uint8_t* pixel = rgb + std::ptrdiff_t{ 3 } * (std::ptrdiff_t{ y } * side + x);
    pixel[0] = static_cast<std::uint8_t>(std::lround(colour.red));
    pixel[1] = static_cast<std::uint8_t>(std::lround(colour.green));
    pixel[2] = static_cast<std::uint8_t>(std::lround(colour.blue));
}

/// A dark, slightly tinted wall that gets lighter towards one side.
class Background final
{
public:
    explicit Background(std::uint64_t seed)
    {
        Random random({ seed });
        const double base = between(random, 35, 75);
        m_colour = { base + between(random, -10, 10), base + between(random, -10, 10),
            base + between(random, -10, 10) };
        m_acrossX = between(random, -0.12, 0.12);
        m_acrossY = between(random, -0.12, 0.12);
    }
    Rgb at(int x, int y) const
    {
        const double light = m_acrossX * (x - middle) + m_acrossY * (y - middle);
        return { m_colour.red + light, m_colour.green + light, m_colour.blue + light };
    }

private:
    Rgb m_colour;
    double m_acrossX = 0.0, m_acrossY = 0.0;
};

void drawThing(const Pose& pose, Shape shape, const Background& background, std::uint8_t* rgb)
{
    constexpr std::array<double, 2> offsets{ 0.25, 0.75 }; // four points in a pixel smooth edges
    const auto from = [&](double centre) {
        return std::clamp(static_cast<int>(std::floor(centre - pose.radius)), 0, side);
    };
    const auto to = [&](double centre) {
        return std::clamp(static_cast<int>(std::ceil(centre + pose.radius)), 0, side);
    };
    const double cosine = std::cos(pose.angle) / pose.radius;
    const double sine = std::sin(pose.angle) / pose.radius;
    for (int y = from(pose.y); y < to(pose.y); ++y)
        for (int x = from(pose.x); x < to(pose.x); ++x) {
            int covered = 0, dark = 0;
            for (const double offsetY : offsets)
                for (const double offsetX : offsets) {
                    const double dx = x + offsetX - pose.x, dy = y + offsetY - pose.y;
                    const double u = cosine * dx + sine * dy, v = cosine * dy - sine * dx;
                    if (!covers(shape, u, v))
                        continue;
                    ++covered;
                    dark += isDot(u, v) ? 1 : 0;
                }
            if (covered == 0)
                continue;
            const Rgb behind = background.at(x, y);
            const double lit = (covered - 0.85 * dark) / 4.0, wall = (4 - covered) / 4.0;
            put(rgb, x, y,
                { lit * pose.colour.red + wall * behind.red,
                    lit * pose.colour.green + wall * behind.green,
                    lit * pose.colour.blue + wall * behind.blue });
        }
}

} // namespace

void drawFrame(const FilmPlan& film, std::int64_t frame, std::span<std::uint8_t> rgb)
{
    CLIP_REQUIRE(rgb.size() == std::size_t(3 * side * side), std::to_string(rgb.size()));
    const Background background(film.seed);
    for (int y = 0; y < side; ++y)
        for (int x = 0; x < side; ++x)
            put(rgb.data(), x, y, background.at(x, y));
    for (const Scene& scene : film.scenes) {
        if (frame < scene.beginFrame || frame >= scene.endFrame)
            continue;
        const Pose pose = poseAt(
            scene, static_cast<double>(frame - scene.beginFrame) / CollectionPlan::framesPerSecond);
        if (pose.isVisible)
            drawThing(pose, static_cast<Shape>(scene.kind.shape), background, rgb.data());
    }
}

} // namespace clipscope::jobs

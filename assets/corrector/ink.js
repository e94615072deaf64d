// The ink of one line, large, drawn from the page's picture that the browser holds anyway.

const LOWEST_INK = 46;
const HIGHEST_INK = 120;

/** Draw a line turned level, its surroundings faded, at most `width` wide; a long one is cut in two rows. */
function drawInk(canvas, image, page, line, width) {
    if (!image.naturalWidth || width < 50) return;
    const toImage = image.naturalWidth / page.width;
    const strip = levelStrip(line, toImage);
    let rows = [[0, strip.width]];
    let scale = Math.min(width / strip.width, HIGHEST_INK / strip.height);
    if (strip.height * scale < LOWEST_INK) {
        const cut = gapNearMiddle(image, strip);
        rows = [[0, cut], [cut, strip.width]];
        scale = Math.min(width / Math.max(cut, strip.width - cut), HIGHEST_INK / strip.height);
    }
    const sharp = window.devicePixelRatio || 1;
    const height = Math.ceil(strip.height * scale);
    const gap = rows.length > 1 ? 6 : 0;
    const full = Math.ceil(Math.max(...rows.map(([from, to]) => to - from)) * scale);
    canvas.width = full * sharp;
    canvas.height = (height * rows.length + gap) * sharp;
    canvas.style.width = `${full}px`;
    canvas.style.height = `${height * rows.length + gap}px`;
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    rows.forEach(([from, to], row) => {
        context.save();
        context.scale(sharp, sharp);
        context.beginPath();
        context.rect(0, row * (height + gap), (to - from) * scale, height);
        context.clip();
        context.translate(-from * scale, row * (height + gap));
        context.scale(scale, scale);
        paintStrip(context, image, strip);
        context.restore();
    });
}

/** Where the strip of a line lies: turn, corner and size in pixels of the picture, and its outline inside. */
function levelStrip(line, toImage) {
    const [x0, y0] = line.baseline[0] ?? [0, 0];
    const [x1, y1] = line.baseline.at(-1) ?? [1, 0];
    const turn = Math.atan2(y1 - y0, x1 - x0);
    const [cos, sin] = [Math.cos(-turn), Math.sin(-turn)];
    const outline = line.polygon.map(([x, y]) => [(x * cos - y * sin) * toImage, (x * sin + y * cos) * toImage]);
    const [xs, ys] = [outline.map(([x]) => x), outline.map(([, y]) => y)];
    const margin = 6 * Math.max(toImage, 1);
    const [left, top] = [Math.min(...xs) - margin, Math.min(...ys) - margin];
    return { turn, left, top, outline, width: Math.max(...xs) + margin - left, height: Math.max(...ys) + margin - top };
}

function paintStrip(context, image, strip) {
    const paint = () => {
        context.save();
        context.translate(-strip.left, -strip.top);
        context.rotate(-strip.turn);
        context.drawImage(image, 0, 0);
        context.restore();
    };
    context.globalAlpha = 0.32;
    paint();
    context.globalAlpha = 1;
    context.beginPath();
    strip.outline.forEach(([x, y]) => context.lineTo(x - strip.left, y - strip.top));
    context.closePath();
    context.clip();
    paint();
}

/** The column between 40 and 60 % of the strip with the least ink around it. */
function gapNearMiddle(image, strip) {
    const small = document.createElement("canvas");
    const scale = Math.min(1, 600 / strip.width);
    small.width = Math.ceil(strip.width * scale);
    small.height = Math.max(Math.ceil(strip.height * scale), 1);
    const context = small.getContext("2d", { willReadFrequently: true });
    context.fillStyle = "#fff";
    context.fillRect(0, 0, small.width, small.height);
    context.scale(scale, scale);
    paintStrip(context, image, strip);
    const { data, width, height } = context.getImageData(0, 0, small.width, small.height);
    const light = new Float64Array(width);
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) light[x] += data[4 * (y * width + x) + 1];
    const around = (x) => light.slice(Math.max(x - 5, 0), x + 6).reduce((sum, value) => sum + value, 0);
    let best = Math.round(width / 2);
    for (let x = Math.round(0.4 * width); x < 0.6 * width; x++) if (around(x) > around(best)) best = x;
    return best / scale;
}

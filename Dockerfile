# docker build -t inkline .                       reads on the CPU (also: --target cpu)
# docker build -t inkline --target cuda .         reads on an NVIDIA GPU
# docker run -p 8501:8501 -v inkline:/data [--gpus all] inkline
# There is no sign-in: publish the port to people you trust only.
ARG PYTHON_IMAGE=python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS packages
WORKDIR /build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
COPY requirements.txt requirements-postgresql.txt ./

FROM packages AS packages-cpu
# A version with +cpu goes before the same one without, which would bring 3 GB of CUDA libraries.
RUN pip install --extra-index-url https://download.pytorch.org/whl/cpu -r requirements.txt -r requirements-postgresql.txt

FROM packages AS packages-cuda
# PyTorch's Linux wheels bring their CUDA libraries; the driver comes from the host.
RUN pip install -r requirements.txt -r requirements-postgresql.txt

FROM ${PYTHON_IMAGE} AS inkline
# hadolint ignore=DL3008 # Debian keeps only its newest fixes, so pinned versions would soon not install
RUN apt-get update \
    && apt-get install -y --no-install-recommends poppler-utils libgl1 libglib2.0-0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 inkline \
    && install -d -o inkline -g inkline /data
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    INKLINE_DATA=/data \
    HF_HOME=/data/huggingface \
    PORT=8501 \
    STREAMLIT_SERVER_ADDRESS=0.0.0.0
WORKDIR /app
COPY . .
# inkline, by number, which hosts that forbid root can check
USER 1000
VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://localhost:{os.environ[\"PORT\"]}/api/health', timeout=8)"]
# The shell gives way to the server, which so receives the signal to stop.
CMD ["sh", "-c", "exec streamlit run streamlit_app.py --server.port \"$PORT\""]

FROM inkline AS cuda
COPY --from=packages-cuda /opt/venv /opt/venv

FROM inkline AS cpu
COPY --from=packages-cpu /opt/venv /opt/venv

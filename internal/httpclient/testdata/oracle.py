# Asks web servers with libcurl: a JSON request a line in, what came of it a line out.
import base64, io, json, sys
import pycurl

def ask(q):
    c, body = pycurl.Curl(), io.BytesIO()
    c.setopt(c.URL, q["url"])
    c.setopt(c.WRITEDATA, body)
    c.setopt(c.FOLLOWLOCATION, q.get("follow", True))
    c.setopt(c.MAXREDIRS, q.get("max_redirects", 10))
    c.setopt(c.TIMEOUT_MS, q.get("timeout_ms", 10000))
    c.setopt(c.NOSIGNAL, True)
    c.setopt(c.PROXY, "")
    c.setopt(c.USERAGENT, "test")
    if q.get("encoding"): c.setopt(c.ENCODING, "gzip, deflate")
    if q.get("ca_file"): c.setopt(c.CAINFO, q["ca_file"])
    if q.get("insecure"): c.setopt(c.SSL_VERIFYPEER, False); c.setopt(c.SSL_VERIFYHOST, 0)
    if q.get("resolve"): c.setopt(c.RESOLVE, q["resolve"])
    if q.get("user"):
        c.setopt(c.USERPWD, q["user"])
        c.setopt(c.HTTPAUTH, c.HTTPAUTH_DIGEST if q.get("digest") else c.HTTPAUTH_BASIC)
    if q.get("body") is not None: c.setopt(c.POSTFIELDS, q["body"].encode())
    if q.get("max_body"): c.setopt(c.MAXFILESIZE, q["max_body"])
    method = q.get("method", "GET")
    if method == "HEAD": c.setopt(c.NOBODY, True)
    elif method not in ("GET", "POST"): c.setopt(c.CUSTOMREQUEST, method)
    code = 0
    try:
        c.perform()
    except pycurl.error as e:
        code = e.args[0]
    g = c.getinfo
    return {
        "code": code, "status": g(c.RESPONSE_CODE), "url": g(c.EFFECTIVE_URL), "redirects": g(c.REDIRECT_COUNT),
        "namelookup": g(c.NAMELOOKUP_TIME), "connect": g(c.CONNECT_TIME), "appconnect": g(c.APPCONNECT_TIME),
        "pretransfer": g(c.PRETRANSFER_TIME), "starttransfer": g(c.STARTTRANSFER_TIME), "total": g(c.TOTAL_TIME),
        "redirect": g(c.REDIRECT_TIME), "download": g(c.SIZE_DOWNLOAD), "upload": g(c.SIZE_UPLOAD), "header": g(c.HEADER_SIZE),
        "content_type": g(c.CONTENT_TYPE) or "", "length": g(c.CONTENT_LENGTH_DOWNLOAD),
        "body": base64.b64encode(body.getvalue()).decode(),
    }

for line in sys.stdin:
    print(json.dumps(ask(json.loads(line))), flush=True)

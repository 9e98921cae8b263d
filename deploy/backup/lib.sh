# What backup and restore have in common. Sourced.
say() { echo "$(basename "$0"): $*"; }
die() { echo "$(basename "$0"): $*" >&2; exit 1; }
for tool in pg_dump pg_restore psql rclone; do
    command -v "$tool" >/dev/null || die "$tool is missing: Debian's packages postgresql-client and rclone"
done
[[ ${MESHGEN_DATABASE_URL:-} ]] || die "MESHGEN_DATABASE_URL is not set"
[[ $MESHGEN_DATABASE_URL =~ ^postgres(ql)?:// && ! $MESHGEN_DATABASE_URL =~ [?\&]password= ]] ||
    die "MESHGEN_DATABASE_URL has to be postgres://USER:PASSWORD@HOST/DATABASE"
# The password goes by the environment: every user of this machine may see what is on a command line.
database=$MESHGEN_DATABASE_URL
if [[ $database =~ ^(postgres(ql)?://[^:@/]*):([^@/]*)@(.*)$ ]]; then
    database=${BASH_REMATCH[1]}@${BASH_REMATCH[4]}
    password=${BASH_REMATCH[3]//\\/\\\\}
    PGPASSWORD=$(printf '%b.' "${password//%/\\x}") # the dot keeps a line's end that is part of it
    export PGPASSWORD=${PGPASSWORD%.}
fi
bucket=${MESHGEN_S3_BUCKET:-meshgen}

query() { psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 --command="$1" "$database"; }

# The remote "meshgen" is the installation's S3.
export RCLONE_CONFIG=/dev/null RCLONE_CONFIG_MESHGEN_TYPE=s3 RCLONE_CONFIG_MESHGEN_REGION=${MESHGEN_S3_REGION:-us-east-1}
if [[ ${MESHGEN_S3_ENDPOINT:-} ]]; then
    export RCLONE_CONFIG_MESHGEN_PROVIDER=Other RCLONE_CONFIG_MESHGEN_ENDPOINT=$MESHGEN_S3_ENDPOINT RCLONE_CONFIG_MESHGEN_FORCE_PATH_STYLE=true
else
    export RCLONE_CONFIG_MESHGEN_PROVIDER=AWS
fi
if [[ ${MESHGEN_S3_ACCESS_KEY:-} ]]; then
    export RCLONE_CONFIG_MESHGEN_ACCESS_KEY_ID=$MESHGEN_S3_ACCESS_KEY RCLONE_CONFIG_MESHGEN_SECRET_ACCESS_KEY=$MESHGEN_S3_SECRET_KEY
else
    export RCLONE_CONFIG_MESHGEN_ENV_AUTH=true # the role of the machine
fi
if [[ ${AWS_CA_BUNDLE:-} ]]; then # which rclone calls otherwise, and then refuses
    export RCLONE_CA_CERT=$AWS_CA_BUNDLE
    unset AWS_CA_BUNDLE
fi
